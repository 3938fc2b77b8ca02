/**
 * A program beside its machine: the path in space with the tool where it is and what is done in another colour, and the lines around
 * the one at work. Loaded when it is looked at first: it brings three.js along.
 */
import { useEffect, useMemo } from 'react'
import type { MachineView, Program } from '../../../server/api/machines.ts'
import type { StartPlan } from '../../../server/api/motion.ts'
import { modelOf } from '../../programs/model.ts'
import type { Point } from '../../programs/path/drawing.ts'
import { PathPane } from '../../programs/path/path-pane.tsx'
import { lineAt, placeOfLine } from '../../programs/path/place.ts'
import { useDrawing, useKey } from '../../programs/view/use-machine.ts'
import { type LineStore, useLines, useProgram } from '../../programs/worker/use-program.ts'
import { usePanelText } from '../use-operator-text.ts'
import { placeOfTool } from './place-of-tool.ts'

const NO_MARKS: never[] = []
/** Around the line at work. */
const BEFORE = 5
const AFTER = 9

export interface ProgramPictureProps {
  machine: MachineView
  program: Program
  isStale: boolean
  /** The line at work, or where a start is planned; 0: none. */
  line: number
  /** It is done up to the line. */
  isAtWork: boolean
  plan?: StartPlan | undefined
}

export default function ProgramPicture({ machine, program, isStale, line, isAtWork, plan }: ProgramPictureProps) {
  const text = usePanelText().program
  const key = useKey(machine)
  const drawing = useDrawing(machine)
  // `key` says whether the machine means another picture; a running program keeps the one it was started with
  const { path, lines, totalLines, error } = useProgram(program, machine.state?.link === 'connected' ? modelOf(machine) : undefined, key)
  const [x = 0, y = 0, z = 0] = machine.state?.machinePositionMm ?? []
  // the same point while it does not move: nothing is drawn anew
  const tool = useMemo<Point | undefined>(() => (isStale ? undefined : [x, y, z]), [x, y, z, isStale])
  const taken = useMemo(() => (path && isAtWork ? placeOfLine(path, line) : 0), [path, line, isAtWork])
  const [level] = path?.levels ?? []
  const place = useMemo(() => (level && taken > 0 ? placeOfTool(level, taken, [x, y, z]) : 0), [level, taken, x, y, z])
  const now = level && place > 0 ? (lineAt(level, place) ?? line) : line
  const approach = useMemo<Point[]>(() => (plan?.approachMm ?? []).map(([px = 0, py = 0, pz = 0]) => [px, py, pz]), [plan])
  return (
    <div className="op-picture">
      <PathPane
        path={path}
        machine={drawing}
        marks={NO_MARKS}
        approach={approach}
        place={place}
        line={isAtWork ? 0 : line}
        machineTool={tool}
        hasPlaceTool={false}
        onPick={() => undefined}
      />
      {error ? (
        <p className="op-problem">{error}</p>
      ) : (
        <Lines store={lines} line={isAtWork ? now : line} total={totalLines} isStale={isStale} label={text.lines} />
      )}
    </div>
  )
}

function Lines({ store, line, total, isStale, label }: { store: LineStore; line: number; total: number; isStale: boolean; label: string }) {
  useLines(store)
  const from = Math.max(1, Math.min(line - BEFORE, total - BEFORE - AFTER))
  const to = Math.min(total, from + BEFORE + AFTER)
  useEffect(() => store.want(from, to), [store, from, to])
  return (
    <ol className={`op-lines ${isStale ? 'cw-stale' : ''}`} aria-label={label} data-testid="program-lines">
      {Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index).map((number) => (
        <li key={number} data-now={number === line || undefined} aria-current={number === line ? 'step' : undefined}>
          <span className="cw-numbers">{number}</span>
          <code>{store.line(number) ?? ''}</code>
        </li>
      ))}
    </ol>
  )
}
