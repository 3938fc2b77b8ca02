/** Connections to outside systems: how each is, and one of them, or its form, beside the list. */
import './connections.css'
import { Button, TextInput } from '@mantine/core'
import { Plug, Plus, Search } from 'lucide-react'
import { useState } from 'react'
import type { Connection } from '../../server/api/connections.ts'
import { ConnectionForm } from '../shared/connections/connection-form.tsx'
import { iconOf, KindChoice } from '../shared/connections/kind-choice.tsx'
import { useConnectors } from '../shared/connections/use-connectors.ts'
import { sayError, useConnectionsText } from '../shared/connections/words.ts'
import { Frame } from '../shared/frame.tsx'
import { ListBack, ListEmpty, ListPage } from '../shared/list-page/list-page.tsx'
import { may, useMe } from '../shared/me.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { useHash } from '../shared/use-hash.ts'
import { ConnectionDetail } from './connection-detail.tsx'
import { lookOf, matches } from './state.ts'
import { StatePill } from './state-pill.tsx'
import { useConnections } from './use-connections.ts'

const NEW = '+new'

export function ConnectionsPage() {
  const text = useConnectionsText()
  const language = useLanguage()
  const { me } = useMe()
  const { list, error, isStale, refresh } = useConnections()
  const { connectors } = useConnectors()
  const [hash, choose] = useHash()
  const [typed, setTyped] = useState('')
  const mayManage = may(me, 'connections.manage')
  const [id = '', part = ''] = hash.split('/').map(decodeURIComponent)
  const one = list?.find((connection) => connection.id === id)
  const kindOf = (connectorId: string) => connectors?.find((connector) => connector.id === connectorId)
  const labelOf = (connectorId: string) => kindOf(connectorId)?.label ?? connectorId
  const found = (list ?? []).filter((connection) => matches(connection, labelOf(connection.connector), typed))
  const isNew = id === NEW && mayManage
  const saved = (connection: Connection) => {
    refresh()
    choose(encodeURIComponent(connection.id))
  }
  const toOne = (connection: Connection) => choose(encodeURIComponent(connection.id))
  const detail = () => {
    if (isNew)
      return (
        <section className="list-detail">
          <ListBack label={text.back} onBack={() => choose('')} />
          <NewConnection kind={kindOf(part)} onKind={(kind) => choose(`${NEW}/${encodeURIComponent(kind)}`)} onSaved={saved} onCancel={() => choose('')} />
        </section>
      )
    if (!one) return undefined
    const kind = kindOf(one.connector)
    if (part === 'edit' && mayManage)
      return (
        <section className="list-detail">
          <ListBack label={text.back} onBack={() => toOne(one)} />
          <h2>{text.changeOf(one.name)}</h2>
          {kind && <ConnectionForm key={one.id} connector={kind} connection={one} onSaved={saved} onCancel={() => toOne(one)} />}
        </section>
      )
    return (
      <section className="list-detail" key={one.id}>
        <ListBack label={text.back} onBack={() => choose('')} />
        <ConnectionDetail
          connection={one}
          connector={kind}
          me={me}
          onEdit={() => choose(`${encodeURIComponent(one.id)}/edit`)}
          onChanged={refresh}
          onRemoved={() => {
            choose('')
            refresh()
          }}
        />
      </section>
    )
  }

  return (
    <Frame page="connections">
      <ListPage
        title={text.title}
        label={text.list}
        count={list?.length}
        found={found.length}
        isStale={isStale}
        problem={error && sayError(error, language)}
        words={text}
        tools={
          <>
            {mayManage && (
              <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => choose(NEW)} data-testid="connection-add">
                {text.add}
              </Button>
            )}
            {list && list.length > 4 && (
              <TextInput
                aria-label={text.search}
                placeholder={text.search}
                leftSection={<Search size={16} aria-hidden />}
                value={typed}
                onChange={(event) => setTyped(event.currentTarget.value)}
                data-testid="search-connections"
              />
            )}
          </>
        }
        empty={
          <ListEmpty icon={Plug} title={text.empty} text={text.emptyText} steps={text.emptySteps} testId="connections-empty">
            {mayManage ? <Button onClick={() => choose(NEW)}>{text.add}</Button> : <p>{text.mayNotChange}</p>}
          </ListEmpty>
        }
        detail={detail()}
      >
        {found.map((connection) => (
          <Line
            key={connection.id}
            connection={connection}
            kind={labelOf(connection.connector)}
            isChosen={connection.id === one?.id}
            onChoose={() => choose(encodeURIComponent(connection.id))}
          />
        ))}
      </ListPage>
    </Frame>
  )
}

function NewConnection({
  kind,
  onKind,
  onSaved,
  onCancel,
}: {
  kind: ReturnType<typeof useConnectors>['connectors'] extends (infer One)[] | undefined ? One | undefined : never
  onKind: (id: string) => void
  onSaved: (connection: Connection) => void
  onCancel: () => void
}) {
  const text = useConnectionsText()
  if (kind)
    return (
      <>
        <h2>{text.newOf(kind.label)}</h2>
        <ConnectionForm key={kind.id} connector={kind} onSaved={onSaved} onCancel={onCancel} />
      </>
    )
  return (
    <>
      <h2>{text.kindTitle}</h2>
      <p className="list-note">{text.kindHint}</p>
      <KindChoice onChoose={(connector) => onKind(connector.id)} />
    </>
  )
}

function Line({ connection, kind, isChosen, onChoose }: { connection: Connection; kind: string; isChosen: boolean; onChoose: () => void }) {
  const text = useConnectionsText()
  const format = formats(useLanguage())
  const Icon = iconOf(connection.connector)
  const { lastInAt = '', lastOutAt = '', lastIn, lastOut } = connection.traffic
  const last =
    lastInAt || lastOutAt
      ? `${format.dateTime(lastInAt > lastOutAt ? lastInAt : lastOutAt)} · ${(lastInAt > lastOutAt ? lastIn : lastOut) ?? ''}`
      : text.nothingYet
  return (
    <li data-chosen={isChosen || undefined} data-off={lookOf(connection) === 'off' || undefined}>
      <button type="button" aria-pressed={isChosen} onClick={onChoose} data-testid={`connection-${connection.id}`}>
        <Icon size={18} aria-hidden />
        <span className="list-line-name">
          <strong>{connection.name}</strong>
          <span>{kind}</span>
        </span>
        <StatePill connection={connection} />
        <span className="connections-line-last list-line-more cw-numbers">{last}</span>
        <span className="connections-line-uses list-line-more">
          {connection.uses.length > 0
            ? [...new Set(connection.uses.map(({ flowName, nodeName, nodeType }) => flowName ?? nodeName ?? nodeType))].join(', ')
            : ''}
        </span>
      </button>
    </li>
  )
}
