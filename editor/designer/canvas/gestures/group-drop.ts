/** What is dragged goes into the group it is let go in, and out of its own when it is taken outside; a frame says so before. */

import { groupsAround } from '../../model/collapsed.ts'
import type { Point } from '../../model/commands.ts'
import { addToGroup, takeOutOfGroups, topmost } from '../../model/groups.ts'
import { GROUP_MARGIN } from '../../model/ports.ts'
import type { SceneGroup } from '../../model/scene.ts'
import type { FlowCanvas } from '../flow-canvas.ts'
import { groupAt } from '../hits.ts'

/** What letting go would do. */
export interface GroupMove {
  kind: 'into' | 'out'
  group: SceneGroup
}

export class GroupDrop {
  readonly #canvas: FlowCanvas
  readonly #words: (move: GroupMove) => string
  readonly #moved: ReadonlySet<string>
  /** What changes groups: without what goes along in a group of its own. */
  readonly #tops: readonly string[]
  /** The group that the grabbed thing is in, and those around it. */
  readonly #homes: readonly string[]
  readonly #frame = document.createElement('div')
  #move: GroupMove | undefined

  /**
   * @param grabbed what the pointer holds
   * @param moved everything that goes along, members of groups among them
   * @param words what the frame says
   */
  constructor(canvas: FlowCanvas, { grabbed, moved, words }: { grabbed: string; moved: ReadonlySet<string>; words: (move: GroupMove) => string }) {
    this.#canvas = canvas
    this.#moved = moved
    this.#words = words
    const { model } = canvas.workspace
    this.#tops = topmost(model, moved).map(({ id }) => id)
    this.#homes = groupsAround(model, grabbed).filter((group) => !moved.has(group))
    this.#frame.className = 'flow-group-drop'
    this.#frame.dataset.testid = 'group-drop'
  }

  get move(): GroupMove | undefined {
    return this.#move
  }

  /** The pointer is here. @param isKept everything stays in the group it is in */
  aim(at: Point, isKept: boolean): void {
    const move = isKept || this.#tops.length === 0 ? undefined : this.#at(at)
    if (move?.group === this.#move?.group && move?.kind === this.#move?.kind) return
    this.#move = move
    if (!move) {
      this.#frame.remove()
      return
    }
    const { x, y, width, height } = move.group
    Object.assign(this.#frame.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` })
    this.#frame.dataset.kind = move.kind
    this.#frame.dataset.words = this.#words(move)
    if (!this.#frame.isConnected) this.#canvas.area.lifted.content.prepend(this.#frame)
  }

  #at(at: Point): GroupMove | undefined {
    const { groups } = this.#canvas.scene
    const here = groupAt(groups, at, ({ id }) => !this.#moved.has(id))
    const home = groups.find(({ id }) => id === this.#homes[0])
    if (here?.id === home?.id) return undefined
    // a little outside it is still in its group, which grows with it
    const isBeside = home && (!here || this.#homes.includes(here.id)) && isNear(home, at)
    if (isBeside) return undefined
    if (here) return { kind: 'into', group: here }
    return home && { kind: 'out', group: home }
  }

  /** Changes the groups, as part of the edit that is under way. */
  apply(): void {
    const { model } = this.#canvas.workspace
    if (this.#move?.kind === 'into') addToGroup(model, this.#move.group.id, this.#tops)
    else if (this.#move?.kind === 'out') takeOutOfGroups(model, this.#tops)
  }

  end(): void {
    this.#frame.remove()
  }
}

function isNear({ x, y, width, height }: SceneGroup, at: Point): boolean {
  return at.x >= x - GROUP_MARGIN && at.x <= x + width + GROUP_MARGIN && at.y >= y - GROUP_MARGIN && at.y <= y + height + GROUP_MARGIN
}
