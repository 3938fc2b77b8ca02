/** Messages of debug nodes as they come. At most one rendering a frame, and only the newest are kept. */
import { ActionIcon, TextInput, Tooltip } from '@mantine/core'
import { Bug, Pause, Play, Trash2 } from 'lucide-react'
import { useState, useSyncExternalStore } from 'react'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { labelOf } from '../model/scene.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'
import type { DebugLog, DebugMessage } from './debug-log.ts'
import { KEPT } from './debug-log.ts'
import { Panel } from './panel.tsx'
import { ValueTree } from './value-tree.tsx'

export function DebugPanel({ log, onClose }: { log: DebugLog; onClose: () => void }) {
  const text = useDesignerText()
  const { types, model } = useWorkspace('types')
  useSyncExternalStore(log.watch, () => log.version)
  const [filter, setFilter] = useState('')
  const wanted = filter.trim().toLowerCase()
  const labelled = (message: DebugMessage) => {
    const node = message.nodeId === undefined ? undefined : model.get(message.nodeId)
    return message.name || (node ? labelOf(node, types.get(node.type)) : text.debug.unknownNode)
  }
  const shown = wanted
    ? log.messages.filter((message) => `${labelled(message)} ${message.topic} ${message.search}`.toLowerCase().includes(wanted))
    : log.messages
  return (
    <Panel
      title={text.debug.title}
      onClose={onClose}
      tools={
        <>
          <Tooltip label={log.isPaused ? text.debug.resume : text.debug.pause}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={log.isPaused ? text.debug.resume : text.debug.pause}
              aria-pressed={log.isPaused}
              onClick={() => log.pause(!log.isPaused)}
            >
              {log.isPaused ? <Play size={16} aria-hidden /> : <Pause size={16} aria-hidden />}
            </ActionIcon>
          </Tooltip>
          <Tooltip label={text.debug.clear}>
            <ActionIcon variant="subtle" color="gray" aria-label={text.debug.clear} onClick={() => log.clear()} data-testid="debug-clear">
              <Trash2 size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </>
      }
    >
      <TextInput
        size="xs"
        placeholder={text.debug.filter}
        aria-label={text.debug.filter}
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
        mb={8}
      />
      {log.isPaused && log.waiting > 0 && <p className="debug-paused">{text.debug.paused(log.waiting)}</p>}
      {log.refusal ? (
        <p className="panel-empty">{text.debug.refused}</p>
      ) : log.messages.length === 0 ? (
        <div className="panel-empty">
          <Bug size={28} aria-hidden />
          <strong>{text.debug.none}</strong>
          <span>{text.debug.noneText}</span>
        </div>
      ) : (
        <ol className="debug-list" data-testid="debug-list">
          {shown.slice(0, 200).map((message) => (
            <Message key={message.key} message={message} label={labelled(message)} />
          ))}
        </ol>
      )}
      {log.messages.length >= KEPT && <p className="form-help">{text.debug.dropped(KEPT)}</p>}
    </Panel>
  )
}

function Message({ message, label }: { message: DebugMessage; label: string }) {
  const text = useDesignerText()
  const workspace = useWorkspace()
  const format = formats(useLanguage())
  const { nodeId } = message
  if (message.lost > 0) return <li data-level="warn">{text.debug.lost(message.lost)}</li>
  return (
    <li data-level={message.level}>
      <div className="debug-head">
        <button type="button" disabled={nodeId === undefined} onClick={() => nodeId !== undefined && workspace.reveal(nodeId)}>
          {label}
        </button>
        <span>{message.property}</span>
        <time>{format.time(message.at)}</time>
      </div>
      {message.topic && <span className="debug-topic">{message.topic}</span>}
      <ValueTree value={message.value} />
    </li>
  )
}
