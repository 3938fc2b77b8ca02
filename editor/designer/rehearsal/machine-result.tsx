/** What one machine would have done in a rehearsal. */
import type { RehearsedMachine } from '../../../server/api/rehearsal.ts'
import { formats } from '../../shared/text/index.ts'
import { useWorkspace } from '../use-workspace.ts'
import { PathPicture } from './path-picture.tsx'
import { spanOf } from './result-words.ts'
import { useRehearsalText } from './text.ts'

const AXES = ['X', 'Y', 'Z'] as const

export function MachineResult({ machine }: { machine: RehearsedMachine }) {
  const text = useRehearsalText().result
  const workspace = useWorkspace('model')
  const { name, motions, isInsideEnvelope, reachedMm, envelopeMm, movingMs, path, isPathCut, notes } = machine
  const range = ({ min, max }: { min: readonly number[]; max: readonly number[] }, axis: number) => {
    const format = formats()
    return text.to(format.number(min[axis] ?? 0, 1), format.number(max[axis] ?? 0, 1))
  }
  const isOutside = (axis: number) =>
    reachedMm !== undefined && ((reachedMm.min[axis] ?? 0) < (envelopeMm.min[axis] ?? 0) || (reachedMm.max[axis] ?? 0) > (envelopeMm.max[axis] ?? 0))
  return (
    <article className="rehearsal-machine" aria-label={name} data-testid={`rehearsal-machine-${machine.id}`}>
      <h4>
        {name} <span className="rehearsal-virtual cw-virtual">{text.virtual}</span>
      </h4>
      {reachedMm ? (
        <p className="rehearsal-inside" data-outside={!isInsideEnvelope || undefined}>
          <strong>{isInsideEnvelope ? text.inside : text.outside}</strong> · {text.moving(spanOf(movingMs))}
        </p>
      ) : (
        <p className="form-help">{text.machineStill}</p>
      )}
      <ul className="rehearsal-list">
        {motions.map(({ what, state, durationMs, lines, text: why, nodeId, atMs }) => (
          <li
            key={`${atMs} ${what} ${nodeId ?? ''}`}
            className="rehearsal-done"
            data-state={state === 'completed' ? 'done' : 'failed'}
            data-testid="rehearsal-motion"
          >
            {nodeId !== undefined && workspace.model.get(nodeId) ? (
              <button type="button" className="rehearsal-link" title={text.show} onClick={() => workspace.reveal(nodeId)}>
                {what}
              </button>
            ) : (
              <span>{what}</span>
            )}
            <span className="rehearsal-state">{text.motion[state]}</span>
            <span className="rehearsal-dim cw-numbers">{[spanOf(durationMs), lines !== undefined && text.lines(lines)].filter(Boolean).join(' · ')}</span>
            {why !== undefined && state !== 'completed' && <p className="rehearsal-why">{why}</p>}
          </li>
        ))}
      </ul>
      {reachedMm && (
        <table className="rehearsal-table cw-numbers">
          <thead>
            <tr>
              <th scope="col">{text.axis}</th>
              <th scope="col">{text.reached}</th>
              <th scope="col">{text.envelope}</th>
            </tr>
          </thead>
          <tbody>
            {AXES.map((axis, index) => (
              <tr key={axis} data-outside={isOutside(index) || undefined}>
                <th scope="row">{axis}</th>
                <td>{range(reachedMm, index)}</td>
                <td>{range(envelopeMm, index)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {path.length > 0 && <PathPicture machine={machine} />}
      {isPathCut && <p className="form-help">{text.cut}</p>}
      {notes.map((note) => (
        <p key={note} className="form-help">
          {note}
        </p>
      ))}
    </article>
  )
}
