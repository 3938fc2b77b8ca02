/** Which of several things a node leads to is meant. */
import { Modal } from '@mantine/core'
import { Component, Link, Settings2, TextSearch } from 'lucide-react'
import { useHost } from '../host/use-host.ts'
import type { FlowNode } from '../model/raw.ts'
import { goTo } from './navigate-actions.ts'
import { type Definition, definitionsOf } from './references.ts'
import { nameOf } from './search.ts'
import { useFindText } from './text.ts'

const ICONS: Record<Definition['how'], typeof Link> = { subflow: Component, link: Link, config: Settings2 }

export function GoToDialog({ from, onClose, onUsages }: { from: FlowNode; onClose: () => void; onUsages: (id: string) => void }) {
  const text = useFindText()
  const host = useHost()
  const { workspace } = host
  return (
    <Modal opened onClose={onClose} title={text.goTo.title(nameOf(workspace, from))} size="md" transitionProps={{ duration: 0 }}>
      <ul className="go-to" data-testid="go-to">
        {definitionsOf(workspace.model, from).map(({ node, how }, index) => {
          const Icon = ICONS[how]
          const place = typeof node.z === 'string' ? workspace.model.get(node.z) : undefined
          return (
            <li key={node.id}>
              <button
                type="button"
                data-autofocus={index === 0 || undefined}
                onClick={() => {
                  onClose()
                  setTimeout(() => goTo(host, node))
                }}
                data-testid={`go-to-${node.id}`}
              >
                <Icon size={16} aria-hidden />
                <span>{nameOf(workspace, node)}</span>
                <em>{[node.type, place && nameOf(workspace, place)].filter(Boolean).join(' · ')}</em>
              </button>
              <button
                type="button"
                className="go-to-usages"
                aria-label={text.search.usagesOf(nameOf(workspace, node))}
                title={text.actions.usages}
                onClick={() => {
                  onClose()
                  setTimeout(() => onUsages(node.id))
                }}
              >
                <TextSearch size={16} aria-hidden />
              </button>
            </li>
          )
        })}
      </ul>
    </Modal>
  )
}
