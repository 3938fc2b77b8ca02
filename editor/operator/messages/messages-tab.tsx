/** Alarms and messages: what is open, who has seen what, what was before; and the note for the next shift. */
import { Bell, BellOff, Check, CircleAlert, CircleCheck, Info, NotebookPen, OctagonAlert, TriangleAlert, UserRound } from 'lucide-react'
import { useEffect, useState } from 'react'
import { acknowledgeMessage, listPanelMessages, type PanelMessage, writeNote } from '../../../server/api/panel.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { usePanelState } from '../gate.ts'
import { usePanelSettings } from '../people/panel-settings.ts'
import { usePanelText } from '../use-operator-text.ts'
import { Escalation } from './escalation.tsx'
import { byUrgency } from './urgency.ts'
import { switchSound, useIsSoundWaiting } from './use-sound.ts'

const ICONS = { alarm: OctagonAlert, warning: TriangleAlert, action: UserRound, info: Info }

export function MessagesTab({
  messages,
  machineId,
  nameOf,
}: {
  messages: readonly PanelMessage[]
  machineId: string | undefined
  nameOf: (id: string) => string
}) {
  const text = usePanelText().messages
  const { hasSound } = usePanelSettings()
  const { mayPress, isStale } = usePanelState()
  const isSoundWaiting = useIsSoundWaiting()
  return (
    <div className="op-messages" data-testid="messages">
      <section className="op-card" aria-labelledby="messages-open">
        <header>
          <h2 id="messages-open">{text.open}</h2>
          <button type="button" className="op-plain" aria-pressed={hasSound} onClick={() => switchSound(!hasSound)} data-testid="sound">
            {hasSound ? <Bell size={22} aria-hidden /> : <BellOff size={22} aria-hidden />} {hasSound ? text.soundOn : text.soundOff}
          </button>
        </header>
        {isSoundWaiting && <p className="op-why">{text.soundWaits}</p>}
        {messages.length === 0 && (
          <p className="op-why">
            <CircleCheck size={22} aria-hidden /> {text.none}
          </p>
        )}
        <ul className="op-message-list">
          {byUrgency(messages).map((message) => (
            <li key={message.id}>
              <Message message={message} nameOf={nameOf} mayAcknowledge={mayPress && !isStale} />
            </li>
          ))}
        </ul>
      </section>
      <Note machineId={machineId} isDisabled={!mayPress || isStale} />
      <Escalation />
      <History machineId={machineId} newest={messages[0]?.id} nameOf={nameOf} count={messages.length} />
    </div>
  )
}

function Message({ message, nameOf, mayAcknowledge }: { message: PanelMessage; nameOf: (id: string) => string; mayAcknowledge: boolean }) {
  const text = usePanelText().messages
  const format = formats(useLanguage())
  const [problem, setProblem] = useState<string>()
  const [isSending, setSending] = useState(false)
  const Icon = message.kind === 'note' ? NotebookPen : ICONS[message.priority]
  const isOver = message.endedAt !== undefined
  const acknowledge = async () => {
    setSending(true)
    try {
      await call(acknowledgeMessage, { params: { messageId: message.id } })
      setProblem(undefined)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
    setSending(false)
  }
  return (
    <article className="op-message" data-priority={message.priority} data-over={isOver || undefined} data-testid={`message-${message.id}`}>
      <Icon size={28} aria-hidden />
      <div>
        <h3>
          <span className="op-message-kind">{message.kind === 'note' ? text.note : text.priorities[message.priority]}</span> {message.title}
        </h3>
        {message.text && <p>{message.text}</p>}
        <p className="op-message-when">
          {format.time(message.at)}
          {message.by && ` · ${message.by}`}
          {message.machineId && message.kind !== 'machine' && ` · ${nameOf(message.machineId)}`}
          {isOver && message.kind !== 'note' && message.endedAt !== message.at && ` · ${text.over(format.time(message.endedAt ?? ''))}`}
          {message.acknowledgedBy && ` · ${text.seenBy(message.acknowledgedBy)}`}
          {message.escalatedTo && ` · ${text.passedOn(message.escalatedTo, format.time(message.escalatedAt ?? message.at))}`}
        </p>
        {problem && <p className="op-problem">{problem}</p>}
      </div>
      {message.needsAck && message.acknowledgedAt === undefined && (
        <button type="button" className="op-plain" disabled={!mayAcknowledge || isSending} onClick={acknowledge} data-testid="acknowledge">
          <Check size={24} aria-hidden /> {message.kind === 'note' ? text.read : text.acknowledge}
        </button>
      )}
    </article>
  )
}

function Note({ machineId, isDisabled }: { machineId: string | undefined; isDisabled: boolean }) {
  const text = usePanelText().messages
  const [typed, setTyped] = useState('')
  const [problem, setProblem] = useState<string>()
  const [isSending, setSending] = useState(false)
  const send = async () => {
    setSending(true)
    try {
      await call(writeNote, { body: { text: typed.trim(), ...(machineId === undefined ? {} : { machineId }) } })
      setTyped('')
      setProblem(undefined)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
    setSending(false)
  }
  return (
    <section className="op-card" aria-labelledby="messages-note">
      <h2 id="messages-note">
        <NotebookPen size={22} aria-hidden /> {text.handOver}
      </h2>
      <textarea
        aria-label={text.handOver}
        placeholder={text.handOverHint}
        maxLength={2000}
        rows={3}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        data-testid="note-text"
      />
      {problem && (
        <p className="op-problem" role="alert">
          {problem}
        </p>
      )}
      <button type="button" className="op-plain" disabled={isDisabled || isSending || typed.trim() === ''} onClick={send} data-testid="note-send">
        {text.leave}
      </button>
    </section>
  )
}

function History({
  machineId,
  newest,
  count,
  nameOf,
}: {
  machineId: string | undefined
  newest: string | undefined
  count: number
  nameOf: (id: string) => string
}) {
  const text = usePanelText().messages
  const format = formats(useLanguage())
  const [list, setList] = useState<PanelMessage[]>()
  const [hasMore, setHasMore] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is open changes with what was
  useEffect(() => {
    let isOver = false
    call(listPanelMessages, { query: { limit: 30, ...(machineId === undefined ? {} : { machineId }) } }).then(
      (found) => {
        if (isOver) return
        setList(found)
        setHasMore(found.length === 30)
      },
      // the banner tells of a lost line
      () => undefined,
    )
    return () => {
      isOver = true
    }
  }, [machineId, newest, count])
  const more = async () => {
    const before = list?.at(-1)?.id
    if (before === undefined) return
    const found = await call(listPanelMessages, { query: { limit: 30, before, ...(machineId === undefined ? {} : { machineId }) } })
    setList([...(list ?? []), ...found])
    setHasMore(found.length === 30)
  }
  return (
    <section className="op-card" aria-labelledby="messages-before">
      <h2 id="messages-before">{text.history}</h2>
      {list?.length === 0 && <p className="op-why">{text.noHistory}</p>}
      <ol className="op-history">
        {list?.map((message) => (
          <li key={message.id} data-priority={message.priority}>
            <time dateTime={message.at}>{format.dateTime(message.at)}</time>
            <strong>{message.title}</strong>
            <span>
              {message.kind === 'note' ? (message.by ?? '') : text.priorities[message.priority]}
              {message.machineId && message.kind !== 'machine' ? ` · ${nameOf(message.machineId)}` : ''}
              {message.acknowledgedBy ? ` · ${text.seenBy(message.acknowledgedBy)}` : ''}
            </span>
          </li>
        ))}
      </ol>
      {hasMore && (
        <button type="button" className="op-plain" onClick={() => more().catch(() => setHasMore(false))}>
          <CircleAlert size={20} aria-hidden /> {text.more}
        </button>
      )}
    </section>
  )
}
