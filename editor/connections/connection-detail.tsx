/** One connection: how it is and what to do, what went through it, what uses it, what it promises. */
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { RotateCw, Workflow } from 'lucide-react'
import { useState } from 'react'
import { type Connection, type ConnectorInfo, retryConnection, switchConnection } from '../../server/api/connections.ts'
import type { Me } from '../../server/api/people.ts'
import { type ApiError, call } from '../shared/api.ts'
import { settingsFields } from '../shared/connections/fields.ts'
import { sayError, sayTold, useConnectionsText } from '../shared/connections/words.ts'
import { may } from '../shared/me.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { reasonOf, VersionReason } from '../shared/version-reason.tsx'
import { RemoveDialog } from './remove-dialog.tsx'
import { lookOf } from './state.ts'
import { StatePill } from './state-pill.tsx'

export interface ConnectionDetailProps {
  connection: Connection
  connector: ConnectorInfo | undefined
  me: Me | undefined
  onEdit: () => void
  onChanged: () => void
  onRemoved: () => void
}

export function ConnectionDetail({ connection, connector, me, onEdit, onChanged, onRemoved }: ConnectionDetailProps) {
  const text = useConnectionsText()
  const language = useLanguage()
  const mayManage = may(me, 'connections.manage')
  const [isRemoving, setRemoving] = useState(false)
  const [reason, setReason] = useState('')
  const act = (work: Promise<unknown>) => work.then(onChanged, (error: ApiError) => notifications.show({ color: 'red', message: sayError(error, language) }))
  const params = { connectionId: connection.id }

  return (
    <article data-testid="connection-detail">
      <header className="connections-head">
        <div>
          <h2>{connection.name}</h2>
          <p className="list-note">{connector?.label ?? connection.connector}</p>
        </div>
        {mayManage && (
          <div className="connections-actions">
            <Button variant="default" onClick={onEdit} data-testid="connection-edit">
              {text.edit}
            </Button>
            <VersionReason isInline value={reason} onChange={setReason} />
            <Button
              variant="default"
              onClick={() => {
                act(call(switchConnection, { params, body: { isOn: !connection.isEnabled, ...reasonOf(reason) } }))
                setReason('')
              }}
              data-testid="connection-switch"
            >
              {connection.isEnabled ? text.turnOff : text.turnOn}
            </Button>
            <Button variant="subtle" color="red" onClick={() => setRemoving(true)} data-testid="connection-remove">
              {text.remove}
            </Button>
          </div>
        )}
      </header>
      {!mayManage && me && <p className="list-note">{text.mayNotChange}</p>}
      <HowItIs connection={connection} onRetry={mayManage && connection.isEnabled ? () => act(call(retryConnection, { params })) : undefined} />
      <Traffic connection={connection} />
      <Uses connection={connection} mayLook={may(me, 'flows.view')} />
      {connection.problems.length > 0 && <Problems problems={connection.problems} />}
      {mayManage && connector && <Settings connection={connection} connector={connector} />}
      {connector && <About connector={connector} />}
      {isRemoving && <RemoveDialog connection={connection} onClose={() => setRemoving(false)} onRemoved={onRemoved} />}
    </article>
  )
}

function HowItIs({ connection, onRetry }: { connection: Connection; onRetry: (() => void) | undefined }) {
  const text = useConnectionsText()
  const language = useLanguage()
  const format = formats(language)
  const look = lookOf(connection)
  return (
    <section className="connections-how" data-state={look} aria-label={text.why} data-testid="connection-state">
      <div className="connections-how-line">
        <StatePill connection={connection} />
        {connection.since && <span className="cw-numbers">{text.since(format.dateTime(connection.since))}</span>}
        {look === 'failing' && onRetry && (
          <Button variant="default" size="xs" leftSection={<RotateCw size={14} aria-hidden />} onClick={onRetry} data-testid="connection-retry">
            {text.retry}
          </Button>
        )}
      </div>
      {look === 'off' && <p>{text.off}</p>}
      {connection.why && <p data-testid="connection-why">{sayTold(connection.why, language)}</p>}
      {connection.retryAt && <p className="cw-numbers">{text.retryAt(format.time(connection.retryAt))}</p>}
    </section>
  )
}

function Traffic({ connection: { traffic, outbox } }: { connection: Connection }) {
  const text = useConnectionsText()
  const format = formats(useLanguage())
  const last = (at: string | undefined, what: string | undefined) => (at ? `${format.dateTime(at)}${what ? ` · ${what}` : ''}` : text.nothingYet)
  return (
    <section>
      <h3>{text.facts}</h3>
      <dl className="list-facts connections-facts" data-testid="connection-traffic">
        <div>
          <dt>{text.countIn}</dt>
          <dd className="cw-numbers">{format.number(traffic.in)}</dd>
        </div>
        <div>
          <dt>{text.lastIn}</dt>
          <dd className="cw-numbers">{last(traffic.lastInAt, traffic.lastIn)}</dd>
        </div>
        {(traffic.out > 0 || outbox.waiting > 0 || outbox.failed > 0) && (
          <>
            <div>
              <dt>{text.countOut}</dt>
              <dd className="cw-numbers">{format.number(traffic.out)}</dd>
            </div>
            <div>
              <dt>{text.lastOut}</dt>
              <dd className="cw-numbers">{last(traffic.lastOutAt, traffic.lastOut)}</dd>
            </div>
          </>
        )}
        {(outbox.waiting > 0 || outbox.failed > 0) && (
          <div>
            <dt>{text.outbox}</dt>
            <dd>
              {[outbox.waiting > 0 && text.waiting(format.number(outbox.waiting)), outbox.failed > 0 && text.failedOut(format.number(outbox.failed))]
                .filter(Boolean)
                .join(', ')}
            </dd>
          </div>
        )}
      </dl>
    </section>
  )
}

function Uses({ connection, mayLook }: { connection: Connection; mayLook: boolean }) {
  const text = useConnectionsText()
  return (
    <section>
      <h3>{text.uses}</h3>
      {connection.uses.length === 0 ? (
        <p className="list-note">{text.usesNone}</p>
      ) : (
        <ul className="connections-uses" data-testid="connection-uses">
          {connection.uses.map(({ nodeId, nodeName, nodeType, flowName, isTrigger }) => (
            <li key={nodeId}>
              <Workflow size={14} aria-hidden />
              {mayLook ? (
                <a href={`/#node/${encodeURIComponent(nodeId)}`} title={text.inDesigner}>
                  {nodeName ?? nodeType}
                </a>
              ) : (
                <span>{nodeName ?? nodeType}</span>
              )}
              {flowName && <span className="list-note">{flowName}</span>}
              {isTrigger &&
                (nodeType === 'cw-event-trigger' || nodeType === 'cw-condition-trigger' ? (
                  <a href={`/triggers#${encodeURIComponent(nodeId)}`}>{text.asTrigger}</a>
                ) : (
                  <span>{text.asTrigger}</span>
                ))}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Problems({ problems }: { problems: Connection['problems'] }) {
  const text = useConnectionsText()
  const language = useLanguage()
  const format = formats(language)
  return (
    <section>
      <h3>{text.problems}</h3>
      <ul className="connections-problems" data-testid="connection-problems">
        {problems.map(({ source, reason, code, blanks, at }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same may be told twice in a moment
          <li key={`${at} ${index}`}>
            <span className="cw-numbers">{format.dateTime(at)}</span>
            <strong>{source}</strong>
            <span>{code === undefined ? reason : sayTold({ code, text: reason, ...(blanks ? { blanks } : {}) }, language)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Settings({ connection, connector }: { connection: Connection; connector: ConnectorInfo }) {
  const text = useConnectionsText()
  const format = formats(useLanguage())
  const shown = settingsFields(connector.settings).flatMap((field) => {
    const value = connection.settings[field.key]
    if (value === undefined || value === '') return []
    switch (field.kind) {
      case 'choice':
        return [[field.title, field.options.find((option) => option.stored === value)?.label ?? String(value)] as const]
      case 'switch':
        return [[field.title, value === true ? text.on : text.offWord] as const]
      case 'number':
        return [[field.title, `${format.number(Number(value), Number.isInteger(value) ? 0 : 1)}${field.unit ? ` ${field.unit}` : ''}`] as const]
      case 'list':
        return [[field.title, Array.isArray(value) ? value.join(', ') : String(value)] as const]
      case 'text':
        return [[field.title, field.isLong ? '…' : String(value)] as const]
      default:
        return field satisfies never
    }
  })
  const kept = connector.secrets.filter(({ name }) => connection.keptSecrets.includes(name))
  return (
    <section>
      <h3>{text.settings}</h3>
      <dl className="list-facts connections-facts">
        {shown.map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        {kept.map(({ name, title }) => (
          <div key={name}>
            <dt>{title}</dt>
            <dd>{text.secretKept}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function About({ connector }: { connector: ConnectorInfo }) {
  const text = useConnectionsText()
  const sample = connector.samples.event ?? connector.samples.workOrder
  return (
    <section className="connections-about">
      {sample !== undefined && (
        <details>
          <summary>{text.sample}</summary>
          <pre>{JSON.stringify(sample, null, 2)}</pre>
        </details>
      )}
      {connector.promises.length > 0 && (
        <details>
          <summary>{text.promises}</summary>
          <ul>
            {connector.promises.map((promise) => (
              <li key={promise}>{promise}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}
