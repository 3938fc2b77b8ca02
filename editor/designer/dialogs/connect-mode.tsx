/** Connects two nodes without dragging: choose the output, then the target. */
import { Modal, SegmentedControl, TextInput } from '@mantine/core'
import { useMemo, useState } from 'react'
import { connect, disconnect, isWired } from '../model/commands.ts'
import type { Scene } from '../model/scene.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'

export function ConnectMode({ id, scene, onClose }: { id: string; scene: Scene; onClose: () => void }) {
  const text = useDesignerText()
  const { model } = useWorkspace('model')
  const source = scene.nodes.get(id)
  const [port, setPort] = useState(0)
  const [query, setQuery] = useState('')
  const targets = useMemo(
    () =>
      [...scene.nodes.values()]
        .filter((node) => node.inputs > 0 && node.id !== id && `${node.label} ${node.type}`.toLowerCase().includes(query.trim().toLowerCase()))
        .sort((a, b) => distance(a, source) - distance(b, source))
        .slice(0, 50),
    [scene, id, query, source],
  )
  if (!source) return null
  return (
    <Modal opened onClose={onClose} title={text.connectMode.title(source.label)} size="md">
      {source.outputs === 0 ? (
        <p className="form-help">{text.connectMode.noOutput}</p>
      ) : (
        <div className="form">
          {source.outputs > 1 && (
            <SegmentedControl
              aria-label={text.connectMode.output}
              value={String(port)}
              onChange={(value) => setPort(Number(value))}
              data={Array.from({ length: source.outputs }, (_, index) => ({
                value: String(index),
                label: source.outputLabels[index] || `${text.connectMode.output} ${index + 1}`,
              }))}
            />
          )}
          <TextInput
            label={text.connectMode.search}
            value={query}
            onChange={(event) => setQuery(event.currentTarget.value)}
            data-autofocus
            data-testid="connect-search"
          />
          <ul className="connect-list">
            {targets.length === 0 && <li className="form-help">{text.connectMode.none}</li>}
            {targets.map((target) => {
              const wire = { from: { id, port }, to: { id: target.id, port: 0 } }
              const isThere = isWired(model, wire.from, wire.to)
              return (
                <li key={target.id}>
                  <button
                    type="button"
                    aria-pressed={isThere}
                    onClick={() => {
                      if (isThere) disconnect(model, [wire])
                      else {
                        connect(model, wire.from, wire.to)
                        onClose()
                      }
                    }}
                    data-testid={`connect-${target.id}`}
                  >
                    <span>{target.label || target.type}</span>
                    <em>{isThere ? text.connectMode.wired : target.type}</em>
                  </button>
                </li>
              )
            })}
          </ul>
        </div>
      )}
    </Modal>
  )
}

function distance(node: { x: number; y: number }, from: { x: number; y: number } | undefined): number {
  return from ? Math.hypot(node.x - from.x, node.y - from.y) : 0
}
