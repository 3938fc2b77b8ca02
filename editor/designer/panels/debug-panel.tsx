/** Messages of debug nodes, warnings and errors as they come, newest first: filtered, searched, paused, pinned. */
import './debug.css'
import { ActionIcon, CloseButton, Select, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { Bug, ClipboardCopy, EyeOff, ListFilter, Pause, Pin, PinOff, Play, Search, Trash2 } from 'lucide-react'
import { memo, type ReactNode, useCallback, useMemo, useState, useSyncExternalStore } from 'react'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useHost } from '../host/use-host.ts'
import { useLiveText } from '../live/text.ts'
import { labelOf } from '../model/scene.ts'
import { useWorkspace } from '../use-workspace.ts'
import type { DebugLog, DebugMessage } from './debug-log.ts'
import { KEPT, searchText } from './debug-log.ts'
import { copyText, plain } from './debug-value.ts'
import { Panel } from './panel.tsx'
import { ValueTree } from './value-tree.tsx'

type Scope = 'all' | 'place' | 'selection'
type Kind = 'all' | 'debug' | 'wrong'
const isScope = (value: string | null): value is Scope => value === 'all' || value === 'place' || value === 'selection'
const isKind = (value: string | null): value is Kind => value === 'all' || value === 'debug' || value === 'wrong'
/** More are made when asked for. */
const SHOWN_FIRST = 100

export function DebugPanel({ log, onClose }: { log: DebugLog; onClose: () => void }) {
  const text = useLiveText().debug
  const workspace = useWorkspace('types', 'selection', 'place')
  useSyncExternalStore(log.watch, () => log.version)
  const [search, setSearch] = useState('')
  const [scope, setScope] = useState<Scope>('all')
  const [kind, setKind] = useState<Kind>('all')
  const [onlyNode, setOnlyNode] = useState<string>()
  const [most, setMost] = useState(SHOWN_FIRST)
  const nameOf = useNames()

  const words = search.trim().toLowerCase()
  const { place, selection } = workspace
  const isWanted = (message: DebugMessage) => {
    if (onlyNode !== undefined && message.nodeId !== onlyNode) return false
    if (kind !== 'all' && (message.level === 'debug') !== (kind === 'debug')) return false
    if (scope === 'selection' && (message.nodeId === undefined || !selection.has(message.nodeId))) return false
    // of a subflow that is shown: whatever instance it came from
    if (scope === 'place' && workspace.model.get(message.nodeId ?? '')?.z !== place) return false
    return words === '' || `${nameOf(message).toLowerCase()} ${searchText(message)}`.includes(words)
  }
  const isFiltered = words !== '' || scope !== 'all' || kind !== 'all' || onlyNode !== undefined
  const found = isFiltered ? log.messages.filter(isWanted) : log.messages
  const setOnly = useCallback((id: string | undefined) => setOnlyNode((before) => (before === id ? undefined : id)), [])

  return (
    <Panel
      title={text.title}
      onClose={onClose}
      tools={
        <>
          <Tool label={log.isPaused ? text.resume : text.pause} isOn={log.isPaused} testId="debug-pause" run={() => log.pause(!log.isPaused)}>
            {log.isPaused ? <Play size={16} aria-hidden /> : <Pause size={16} aria-hidden />}
          </Tool>
          <Tool label={text.clear} testId="debug-clear" run={() => log.clear(isFiltered ? isWanted : undefined)}>
            <Trash2 size={16} aria-hidden />
          </Tool>
        </>
      }
    >
      <div className="debug-filter">
        <TextInput
          size="xs"
          className="debug-search"
          placeholder={text.search}
          aria-label={text.search}
          value={search}
          leftSection={<Search size={14} aria-hidden />}
          rightSection={search && <CloseButton size="xs" aria-label={text.allNodes} onClick={() => setSearch('')} />}
          onChange={(event) => setSearch(event.currentTarget.value)}
          data-testid="debug-search"
        />
        <Select
          size="xs"
          aria-label={text.scope}
          allowDeselect={false}
          value={scope}
          data={(['all', 'place', 'selection'] as const).map((value) => ({ value, label: text.scopes[value] }))}
          onChange={(value) => isScope(value) && setScope(value)}
          data-testid="debug-scope"
        />
        <Select
          size="xs"
          aria-label={text.level}
          allowDeselect={false}
          value={kind}
          data={(['all', 'debug', 'wrong'] as const).map((value) => ({ value, label: text.levels[value] }))}
          onChange={(value) => isKind(value) && setKind(value)}
          data-testid="debug-kind"
        />
      </div>
      {onlyNode !== undefined && (
        <p className="debug-only">
          {text.onlyOf(nameOf({ nodeId: onlyNode, name: '' }))}
          <CloseButton size="xs" aria-label={text.allNodes} title={text.allNodes} onClick={() => setOnlyNode(undefined)} />
        </p>
      )}
      {log.isPaused && (
        <p className="debug-paused" role="status">
          {text.paused(log.waiting)}
        </p>
      )}
      {log.pinned.length > 0 && (
        <section aria-label={text.pinned} className="debug-pinned">
          <h3>{text.pinned}</h3>
          <ol className="debug-list" data-testid="debug-pinned">
            {log.pinned.map((message) => (
              <Message key={message.key} message={message} label={nameOf(message)} words={words} isPinned log={log} onOnly={setOnly} />
            ))}
          </ol>
        </section>
      )}
      {log.refusal ? (
        <div className="panel-empty" data-testid="debug-refused">
          <EyeOff size={28} aria-hidden />
          <strong>{text.refused}</strong>
          <span>{text.refusedText}</span>
        </div>
      ) : log.messages.length === 0 ? (
        <div className="panel-empty">
          <Bug size={28} aria-hidden />
          <strong>{text.none}</strong>
          <span>{text.noneText}</span>
        </div>
      ) : (
        <>
          {isFiltered && <p className="debug-count">{found.length === 0 ? text.noneMatch : text.shownOf(found.length, log.messages.length)}</p>}
          <ol className="debug-list" data-testid="debug-list">
            {found.slice(0, most).map((message) => (
              <Message
                key={message.key}
                message={message}
                label={nameOf(message)}
                words={words}
                isPinned={log.pinned.some(({ key }) => key === message.key)}
                log={log}
                onOnly={setOnly}
              />
            ))}
          </ol>
          {found.length > most && (
            <button type="button" className="tree-more" onClick={() => setMost(most + SHOWN_FIRST * 3)}>
              {text.older(found.length - most)}
            </button>
          )}
        </>
      )}
      {log.messages.length >= KEPT && <p className="form-help">{text.dropped(KEPT)}</p>}
    </Panel>
  )
}

/** The name of the node a message came from, as the designer shows it. */
function useNames(): (message: Pick<DebugMessage, 'nodeId' | 'name'>) => string {
  const text = useLiveText().debug
  const { model, types } = useWorkspace('model', 'types')
  return ({ nodeId, name }) => {
    const node = nodeId === undefined ? undefined : model.get(nodeId)
    return name || (node ? labelOf(node, types.get(node.type)) : text.unknownNode)
  }
}

function Tool({ label, isOn, testId, run, children }: { label: string; isOn?: boolean; testId?: string; run: () => void; children: ReactNode }) {
  return (
    <ActionIcon
      variant={isOn ? 'light' : 'subtle'}
      color="gray"
      aria-label={label}
      title={label}
      {...(isOn === undefined ? {} : { 'aria-pressed': isOn })}
      onClick={run}
      {...(testId ? { 'data-testid': testId } : {})}
    >
      {children}
    </ActionIcon>
  )
}

interface MessageProps {
  message: DebugMessage
  label: string
  words: string
  isPinned: boolean
  log: DebugLog
  onOnly: (id: string | undefined) => void
}

const Message = memo(function Message({ message, label, words, isPinned, log, onOnly }: MessageProps) {
  const text = useLiveText().debug
  const host = useHost()
  const format = formats(useLanguage())
  const { nodeId } = message
  const open = useSyncExternalStore(log.watch, () => log.openOf(nodeId))
  const copy = useCopy()
  const keepOpen = useCallback((path: string, isKept: boolean) => log.keepOpen(nodeId, path, isKept), [log, nodeId])
  if (message.lost > 0) return <li data-level="warn">{text.lost(message.lost)}</li>
  const node = nodeId === undefined ? undefined : host.workspace.model.get(nodeId)
  return (
    <li
      data-level={message.level}
      data-testid="debug-message"
      onPointerEnter={() => node && hoverNode(host.canvas?.area.views.get(node.id)?.built, true)}
      onPointerLeave={() => node && hoverNode(host.canvas?.area.views.get(node.id)?.built, false)}
    >
      <div className="debug-head">
        <time dateTime={message.at.toISOString()}>{format.timeMs(message.at)}</time>
        <button
          type="button"
          className="debug-node"
          disabled={!node}
          title={text.reveal(label)}
          onClick={() => nodeId !== undefined && host.workspace.reveal(nodeId)}
        >
          <Marked text={label} words={words} />
        </button>
        {message.level !== 'debug' && <strong className="debug-level">{text.levelNames[message.level]}</strong>}
        <span className="debug-tools">
          {nodeId !== undefined && (
            <button type="button" title={text.onlyThis} aria-label={`${text.onlyThis}: ${label}`} onClick={() => onOnly(nodeId)}>
              <ListFilter size={14} aria-hidden />
            </button>
          )}
          <button type="button" title={text.copyMessage} aria-label={text.copyMessage} onClick={() => copy(copyText(message.value), 'value')}>
            <ClipboardCopy size={14} aria-hidden />
          </button>
          <button
            type="button"
            title={isPinned ? text.unpin : text.pin}
            aria-label={isPinned ? text.unpin : text.pin}
            aria-pressed={isPinned}
            onClick={() => log.pin(message, !isPinned)}
            data-testid="debug-pin"
          >
            {isPinned ? <PinOff size={14} aria-hidden /> : <Pin size={14} aria-hidden />}
          </button>
        </span>
      </div>
      {(message.topic || message.property || message.format) && (
        <div className="debug-about">
          {message.topic && (
            <span>
              <Marked text={message.topic} words={words} />{' '}
            </span>
          )}
          {[message.property || (message.level === 'debug' ? 'msg' : ''), message.format].filter(Boolean).join(' : ')}
        </div>
      )}
      <Found message={message} words={words} />
      {(typeof message.value !== 'string' || !isFoundIn(message.value, words)) && (
        <ValueTree value={message.value} path={message.property || 'msg'} copy={copy} open={open} keepOpen={keepOpen} />
      )}
    </li>
  )
})

/** Shows on the canvas which node is meant, without React in it. */
function hoverNode(element: HTMLElement | undefined, isOn: boolean): void {
  element?.classList.toggle('flow-node-pointed', isOn)
}

/** Copies text and says so. */
export function useCopy(): (text: string, what: 'value' | 'path') => void {
  const words = useLiveText().debug
  return useMemo(
    () => (text, what) => {
      navigator.clipboard.writeText(text).then(
        () => notifications.show({ id: 'copied', message: what === 'path' ? words.copiedPath(text) : words.copiedValue, autoClose: 1500 }),
        () => notifications.show({ id: 'copied', color: 'red', message: words.copyFailed }),
      )
    },
    [words],
  )
}

const isFoundIn = (value: unknown, words: string): value is string => words !== '' && typeof value === 'string' && value.toLowerCase().includes(words)

/** The value around the first place where the words are, opened or not. */
function Found({ message, words }: { message: DebugMessage; words: string }) {
  if (words === '') return null
  const value = typeof message.value === 'string' ? message.value : (JSON.stringify(plain(message.value)) ?? '')
  const at = value.toLowerCase().indexOf(words)
  if (at < 0) return null
  const start = Math.max(0, at - 120)
  return (
    <div className="tree">
      <Marked text={`${start > 0 ? '…' : ''}${value.slice(start, at + 200)}${at + 200 < value.length ? '…' : ''}`} words={words} />
    </div>
  )
}

function Marked({ text, words }: { text: string; words: string }) {
  const at = words === '' ? -1 : text.toLowerCase().indexOf(words)
  if (at < 0) return text
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + words.length)}</mark>
      {text.slice(at + words.length)}
    </>
  )
}
