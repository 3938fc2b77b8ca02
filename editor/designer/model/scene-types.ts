/** What a scene is made of: what is to be drawn of one tab or subflow. */
import type { NodeType } from '../../../server/api/flows.ts'
import type { Ported } from './ports.ts'

/** One end of a wire. Inputs have port 0. */
export interface PortEnd {
  id: string
  port: number
}

export interface SceneNode extends Ported {
  id: string
  /** `group`: a folded group, under the group's id. */
  kind: 'node' | 'junction' | 'subflow-in' | 'subflow-out' | 'subflow-status' | 'group'
  type: string
  /** Palette family, for the colour and the default icon. */
  family: string
  label: string
  /** A square with an icon only. */
  isLabelHidden: boolean
  isDisabled: boolean
  /** No installed node type has this name. */
  isUnknown: boolean
  outputLabels: readonly string[]
  /** The icon a person gave it, as the flow names it: `font-awesome/fa-cog`. */
  icon?: string
  /** What stands beside it to be pressed, as in Node-RED: an inject node sends, a debug node is switched on and off. */
  button?: 'send' | 'on' | 'off'
  /** How many objects are in a folded group. */
  members?: number
}

export interface SceneWire {
  id: string
  from: PortEnd
  to: PortEnd
}

export interface SceneGroup {
  id: string
  /** Top left corner. */
  x: number
  y: number
  width: number
  height: number
  label: string
  stroke: string | undefined
  fill: string | undefined
  /** Groups inside groups are drawn later. */
  depth: number
}

export interface Scene {
  nodes: Map<string, SceneNode>
  wires: Map<string, SceneWire>
  groups: SceneGroup[]
}

export type Types = ReadonlyMap<string, NodeType>
/** Width of a label in pixels. */
export type Measure = (text: string) => number
