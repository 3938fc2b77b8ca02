/** Where a new node can stand without covering another. No view. */
import type { Point } from '../model/commands.ts'
import { GRID, snap } from '../model/ports.ts'
import { numberOf } from '../model/raw.ts'
import type { Workspace } from '../workspace.ts'

const APART = { x: 100, y: 35 }
const BESIDE = 200
const TRIES = 40

/** The wanted place, or the first free one below it; on the grid. */
export function freePlace({ model, place }: Workspace, wanted: Point): Point {
  const taken = place === undefined ? [] : model.childrenOf(place).filter((node) => node.type !== 'group' && Object.hasOwn(node, 'x'))
  const at = { x: snap(wanted.x), y: snap(wanted.y) }
  const isTaken = () => taken.some((node) => Math.abs(numberOf(node, 'x') - at.x) < APART.x && Math.abs(numberOf(node, 'y') - at.y) < APART.y)
  for (let tries = 0; tries < TRIES && isTaken(); tries += 1) at.y += 2 * GRID
  return at
}

/** To the right of what is selected alone; otherwise in the middle of what is seen. */
export function nextPlace(workspace: Workspace, middle: Point): Point {
  const [id, ...others] = workspace.selection
  const node = id === undefined || others.length > 0 ? undefined : workspace.model.get(id)
  const isPlaced = node !== undefined && Object.hasOwn(node, 'x') && node.type !== 'group'
  return freePlace(workspace, isPlaced ? { x: numberOf(node, 'x') + BESIDE, y: numberOf(node, 'y') } : middle)
}
