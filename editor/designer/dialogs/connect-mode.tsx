/** Connects two nodes without dragging: choose the output, then the target. What is connected already can be taken apart. */
import { Modal, SegmentedControl, TextInput } from '@mantine/core'
import { Check } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { nameOf } from '../find/search.ts'
import { useFindText } from '../find/text.ts'
import { useHost } from '../host/use-host.ts'
import { connect, disconnect, isWired } from '../model/commands.ts'
import type { Scene, SceneNode } from '../model/scene.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'

const SHOWN_MOST = 50

export function ConnectMode({ id, scene, onClose }: { id: string; scene: Scene; onClose: () => void }) {
  const text = useDesignerText().connectMode
  const { said } = useFindText()
  const host = useHost()
  const workspace = useWorkspace('model')
  const { model } = workspace
  const source = scene.nodes.get(id)
  const [port, setPort] = useState(0)
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const targets = useMemo(() => {
    const words = query.trim().toLowerCase()
    return [...scene.nodes.values()]
      .filter((node) => node.inputs > 0 && node.id !== id && `${node.label} ${node.type}`.toLowerCase().includes(words))
      .sort((a, b) => distance(a, source) - distance(b, source))
      .slice(0, SHOWN_MOST)
  }, [scene, id, query, source])
  const chosen = Math.min(at, targets.length - 1)
  useEffect(() => {
    list.current?.querySelector(`#target-${chosen}`)?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  if (!source) return null
  const name = (node: SceneNode) => {
    const object = model.get(node.id)
    return object ? nameOf(workspace, object) : node.label || node.type
  }
  const toggle = (target: SceneNode | undefined) => {
    if (!target) return
    const wire = { from: { id, port }, to: { id: target.id, port: 0 } }
    if (isWired(model, wire.from, wire.to)) {
      disconnect(model, [wire])
      host.say(said.disconnected(name(source), name(target)))
      return
    }
    connect(model, wire.from, wire.to)
    onClose()
    host.say(said.connected(name(source), name(target)))
  }
  const keys: Record<string, () => void> = {
    ArrowDown: () => setAt(chosen + 1 >= targets.length ? 0 : chosen + 1),
    ArrowUp: () => setAt(chosen <= 0 ? Math.max(0, targets.length - 1) : chosen - 1),
    Enter: () => toggle(targets[chosen]),
  }
  return (
    <Modal opened onClose={onClose} title={text.title(source.label)} size="md" transitionProps={{ duration: 0 }} returnFocus={false}>
      {source.outputs === 0 ? (
        <p className="form-help">{text.noOutput}</p>
      ) : (
        <div className="form">
          {source.outputs > 1 && (
            <SegmentedControl
              aria-label={text.output}
              value={String(port)}
              onChange={(value) => setPort(Number(value))}
              data={Array.from({ length: source.outputs }, (_, index) => ({
                value: String(index),
                label: source.outputLabels[index] || `${text.output} ${index + 1}`,
              }))}
            />
          )}
          <TextInput
            label={text.search}
            value={query}
            role="combobox"
            aria-expanded={targets.length > 0}
            aria-controls="connect-list"
            aria-activedescendant={targets[chosen] ? `target-${chosen}` : undefined}
            autoComplete="off"
            onChange={(event) => {
              setQuery(event.currentTarget.value)
              setAt(0)
            }}
            onKeyDown={(event) => {
              const act = keys[event.key]
              if (!act || event.nativeEvent.isComposing) return
              event.preventDefault()
              act()
            }}
            data-autofocus
            data-testid="connect-search"
          />
          {targets.length === 0 && (
            <p className="form-help" role="status">
              {text.none}
            </p>
          )}
          <div ref={list} id="connect-list" className="connect-list" role="listbox" aria-label={text.search} hidden={targets.length === 0}>
            {targets.map((target, index) => {
              const isThere = isWired(model, { id, port }, { id: target.id, port: 0 })
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the search field has the focus and takes the keys
                // biome-ignore lint/a11y/useFocusableInteractive: the search field has the focus and names the active one
                <div
                  key={target.id}
                  id={`target-${index}`}
                  role="option"
                  aria-selected={index === chosen}
                  aria-label={[name(target), target.type, isThere && text.wired].filter(Boolean).join(', ')}
                  className="command"
                  onPointerMove={() => setAt(index)}
                  onClick={() => toggle(target)}
                  data-testid={`connect-${target.id}`}
                >
                  <span className="command-title">{name(target)}</span>
                  <span className="command-note">{target.type}</span>
                  {isThere && (
                    <span className="connect-there">
                      <Check size={14} aria-hidden /> {text.wired}
                    </span>
                  )}
                </div>
              )
            })}
          </div>
        </div>
      )}
    </Modal>
  )
}

function distance(node: { x: number; y: number }, from: { x: number; y: number } | undefined): number {
  return from ? Math.hypot(node.x - from.x, node.y - from.y) : 0
}
