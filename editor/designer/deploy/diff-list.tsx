/** A list of changed nodes, with the word for what happened to each. */

import type { NodeDiff } from '../model/diff.ts'
import { kindOf, textOf } from '../model/raw.ts'
import { labelOf } from '../model/scene.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'

const MOST = 60
const MARKS = { added: '+', removed: '−', changed: '~', moved: '→' } as const

export function DiffList({ diff, both }: { diff: readonly NodeDiff[]; both?: ReadonlySet<string> }) {
  const text = useDesignerText()
  const { types } = useWorkspace('types')
  if (diff.length === 0) return <p className="diff-none">{text.conflict.none}</p>
  return (
    <ul className="diff-list">
      {diff.slice(0, MOST).map(({ id, node, kind, properties }) => (
        <li key={id} data-kind={kind} data-both={both?.has(id) || undefined}>
          <span className="diff-mark" aria-hidden>
            {MARKS[kind]}
          </span>
          <span>
            <strong>{kindOf(node) === 'tab' ? textOf(node, 'label') : labelOf(node, types.get(node.type))}</strong> <em>{node.type}</em>
            <span className="diff-words">
              {text.conflict.kinds[kind]}
              {properties.length > 0 && `: ${properties.slice(0, 6).join(', ')}`}
              {both?.has(id) && ` · ${text.conflict.both}`}
            </span>
          </span>
        </li>
      ))}
      {diff.length > MOST && <li className="diff-none">{text.versions.truncated(diff.length - MOST)}</li>}
    </ul>
  )
}
