/** What rehearsals reached together: nodes, wires, and the branches of nodes that choose between outputs. No view. */
import type { RehearsalReport } from '../../../server/api/rehearsal.ts'

export type Coverage = RehearsalReport['coverage']
type Wire = Coverage['wires'][number]

const keyOf = ({ from, port, to }: Wire) => `${from}:${port}:${to}`

/** Of several: what one of them reached is reached. */
export function together(all: readonly Coverage[]): Coverage | undefined {
  const [first] = all
  if (!first || all.length === 1) return first
  const nodes = new Set(all.flatMap((each) => each.nodes))
  const wires = new Map(all.flatMap((each) => each.wires).map((wire) => [keyOf(wire), wire]))
  return {
    nodes: [...nodes],
    nodesMissed: [...new Set(all.flatMap(({ nodesMissed }) => nodesMissed))].filter((id) => !nodes.has(id)),
    wires: [...wires.values()],
    wiresMissed: [...new Map(all.flatMap(({ wiresMissed }) => wiresMissed).map((wire) => [keyOf(wire), wire])).values()].filter(
      (wire) => !wires.has(keyOf(wire)),
    ),
  }
}

/** Outputs of nodes that have several which lead on: how many were taken, and which were not. */
export function branchesOf({ wires, wiresMissed }: Coverage): { taken: number; missed: { from: string; port: number }[] } {
  const ports = new Map<string, { from: string; port: number; isTaken: boolean }>()
  for (const [list, isTaken] of [
    [wiresMissed, false],
    [wires, true],
  ] as const)
    for (const { from, port } of list) {
      const key = `${from}:${port}`
      ports.set(key, { from, port, isTaken: isTaken || ports.get(key)?.isTaken === true })
    }
  const counts = Map.groupBy(ports.values(), ({ from }) => from)
  const branches = [...ports.values()].filter(({ from }) => (counts.get(from)?.length ?? 0) > 1)
  return {
    taken: branches.filter(({ isTaken }) => isTaken).length,
    missed: branches.filter(({ isTaken }) => !isTaken).map(({ from, port }) => ({ from, port })),
  }
}
