/** Differences as a list: tab by tab, what happened to each object, and property by property on demand. */
import './deploy.css'
import { UnstyledButton } from '@mantine/core'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import type { NodeDiff } from '../model/diff.ts'
import { type FlowNode, sameJson, textOf, wiresOf } from '../model/raw.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'
import { sorted } from './comparison.ts'
import { PropertyDiff } from './property-diff.tsx'
import { useDeployText } from './text.ts'
import { titleOf } from './title-of.ts'

const MOST = 80
export const DIFF_SIGNS = { added: '+', removed: '−', changed: '~', moved: '→' } as const

export interface DiffListProps {
  diff: readonly NodeDiff[]
  /** The objects before: with them each difference can be opened. */
  before?: ReadonlyMap<string, FlowNode>
  /** The objects after, where they are not what is drawn: names of tabs are taken from them. */
  after?: ReadonlyMap<string, FlowNode>
  both?: ReadonlySet<string>
  /** Leads to a difference. */
  onShow?: (diff: NodeDiff) => void
}

export function DiffList({ diff, before, after, both, onShow }: DiffListProps) {
  const text = useDesignerText()
  const words = useDeployText().diff
  const { types, model } = useWorkspace('types')
  const [most, setMost] = useState(MOST)
  if (diff.length === 0) return <p className="diff-none">{words.none}</p>
  const list = sorted(
    diff,
    model.tabs().map(({ id }) => id),
  )
  const placeOf = ({ node }: NodeDiff): string => {
    if (node.type === 'tab' || node.type === 'subflow') return textOf(node, 'label') || textOf(node, 'name')
    const place = after?.get(String(node.z)) ?? model.get(String(node.z)) ?? before?.get(String(node.z))
    return place ? textOf(place, 'label') || textOf(place, 'name') : words.config
  }
  let last: string | undefined
  return (
    <ul className="diff-list">
      {list.slice(0, most).map((one) => {
        const place = placeOf(one)
        const isNew = place !== last
        last = place
        const name = titleOf(one.node, types)
        return [
          isNew && (
            <li key={`place ${one.id}`} className="diff-place">
              {place}
            </li>
          ),
          <Difference
            key={one.id}
            diff={one}
            name={name}
            was={before?.get(one.id)}
            isBoth={both?.has(one.id) ?? false}
            {...(onShow && { onShow: () => onShow(one) })}
          />,
        ]
      })}
      {list.length > most && (
        <li>
          <UnstyledButton className="diff-more" onClick={() => setMost(most + MOST)}>
            {text.versions.truncated(list.length - most)}
          </UnstyledButton>
        </li>
      )}
    </ul>
  )
}

function Difference({ diff, name, was, isBoth, onShow }: { diff: NodeDiff; name: string; was: FlowNode | undefined; isBoth: boolean; onShow?: () => void }) {
  const text = useDesignerText()
  const words = useDeployText().diff
  const [isOpen, setOpen] = useState(false)
  const { node, kind, properties } = diff
  const shown = properties.filter((key) => key !== 'wires')
  const wires = kind === 'changed' && properties.includes('wires') && was ? wireCount(was, node) : ''
  const canOpen = kind === 'changed' && was !== undefined && shown.length > 0
  return (
    <li data-kind={kind} data-both={isBoth || undefined} data-testid={`diff-${diff.id}`}>
      <span className="diff-mark" data-kind={kind} aria-hidden>
        {DIFF_SIGNS[kind]}
      </span>
      <div className="diff-body">
        {onShow ? (
          <UnstyledButton className="diff-name" onClick={onShow} aria-label={words.show(name)}>
            <strong>{name}</strong> <em>{node.type}</em>
          </UnstyledButton>
        ) : (
          <span>
            <strong>{name}</strong> <em>{node.type}</em>
          </span>
        )}
        <span className="diff-words">
          {text.conflict.kinds[kind]}
          {shown.length > 0 && `: ${shown.slice(0, 6).join(', ')}`}
          {wires && ` · ${wiresWords(wires)}`}
          {isBoth && ` · ${text.conflict.both}`}
          {canOpen && (
            <UnstyledButton className="diff-open" aria-expanded={isOpen} aria-label={words.details(name)} onClick={() => setOpen(!isOpen)}>
              {isOpen ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
            </UnstyledButton>
          )}
        </span>
        {isOpen && was && (
          <dl className="diff-properties">
            {shown.map((key) => (
              <PropertyDiff key={key} name={key} before={was[key]} after={node[key]} />
            ))}
          </dl>
        )}
      </div>
    </li>
  )
  function wiresWords([added, removed]: [number, number]): string {
    return words.wires(added, removed)
  }
}

function wireCount(was: FlowNode, is: FlowNode): [number, number] | '' {
  if (sameJson(was.wires, is.wires)) return ''
  const ends = (node: FlowNode) => new Set(wiresOf(node).flatMap((targets, port) => targets.map((target) => `${port} ${target}`)))
  const [then, now] = [ends(was), ends(is)]
  const counts: [number, number] = [[...now].filter((end) => !then.has(end)).length, [...then].filter((end) => !now.has(end)).length]
  return counts[0] + counts[1] > 0 ? counts : ''
}
