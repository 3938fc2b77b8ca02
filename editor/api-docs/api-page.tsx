/** What the API can be asked: found by words, read, tried. Which route is shown stands in the address. */
import './api-docs.css'
import { Button, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { Frame } from '../shared/frame.tsx'
import { useMe } from '../shared/me.ts'
import { useHash } from '../shared/use-hash.ts'
import { useLoad } from '../shared/use-load.ts'
import { CopyableCode } from './copyable-code.tsx'
import { found, loadDocument, type Operation } from './document.ts'
import { OperationView } from './operation-view.tsx'
import { useApiText } from './words.ts'

export function ApiPage() {
  const text = useApiText()
  const { me } = useMe()
  const [hash] = useHash()
  const { value, error, refresh } = useLoad('openapi', loadDocument)
  const shown = value?.operations.find(({ id }) => id === hash)
  return (
    <Frame page="settings">
      <div className="api-page" data-chosen={shown ? '' : undefined}>
        <nav className="api-nav" aria-label={text.list}>
          <h1>{text.title}</h1>
          {value && <OperationList operations={value.operations} shown={shown?.id} />}
          {!value && error === undefined && <div className="api-skeleton" aria-hidden />}
          {error !== undefined && !value && (
            <div role="alert">
              <p className="api-problem">{text.failed}</p>
              <Button variant="default" onClick={refresh}>
                {text.again}
              </Button>
            </div>
          )}
        </nav>
        <div className="api-content">
          {value &&
            (shown ? <OperationView key={shown.id} operation={shown} schemas={value.schemas} me={me} /> : <Beginning count={value.operations.length} />)}
        </div>
      </div>
    </Frame>
  )
}

function OperationList({ operations, shown }: { operations: readonly Operation[]; shown: string | undefined }) {
  const text = useApiText()
  const [wanted, setWanted] = useState('')
  const looked = useDeferredValue(wanted)
  const hits = useMemo(() => found(operations, looked), [operations, looked])
  const tags = useMemo(() => [...new Set(hits.map(({ tag }) => tag))].sort((a, b) => a.localeCompare(b)), [hits])
  const current = useRef<HTMLAnchorElement>(null)
  // a link from elsewhere shows where one is
  useEffect(() => {
    if (shown !== undefined) current.current?.scrollIntoView({ block: 'nearest' })
  }, [shown])
  return (
    <>
      <TextInput
        type="search"
        aria-label={text.search}
        placeholder={text.searchHint}
        leftSection={<Search size={16} aria-hidden />}
        value={wanted}
        onChange={(event) => setWanted(event.currentTarget.value)}
        data-testid="api-search"
      />
      {hits.length === 0 && (
        <p className="api-dim" role="status">
          {text.none(looked)}
        </p>
      )}
      {tags.map((tag) => (
        <section key={tag} aria-labelledby={`tag-${tag}`}>
          <h2 id={`tag-${tag}`}>{text.tags[tag] ?? tag}</h2>
          <ul>
            {hits
              .filter((operation) => operation.tag === tag)
              .map(({ id, method, summary }) => (
                <li key={id}>
                  <a
                    href={`#${id}`}
                    ref={id === shown ? current : undefined}
                    aria-current={id === shown ? 'page' : undefined}
                    title={summary}
                    data-testid={`op-${id}`}
                  >
                    <span className="api-method">{method}</span>
                    <span lang="en">{wordsOf(id)}</span>
                  </a>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </>
  )
}

/** `listAccounts` as people read it. */
const wordsOf = (id: string) => id.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()

function Beginning({ count }: { count: number }) {
  const text = useApiText()
  return (
    <>
      <p>{text.intro(count)}</p>
      <section className="api-card" aria-labelledby="api-start">
        <h2 id="api-start">{text.start.title}</h2>
        <p>{text.start.token}</p>
        <CopyableCode value={`curl -H "Authorization: Bearer $CELLWRIGHT_TOKEN" '${location.origin}/api/machines'`} label={text.start.title} />
        <p>{text.start.errors}</p>
        <p>{text.start.events}</p>
        <p>
          {text.start.document} <a href="/api/openapi.json">/api/openapi.json</a>
        </p>
        <p className="api-dim">{text.start.motion}</p>
      </section>
      <p className="api-dim">{text.choose}</p>
    </>
  )
}
