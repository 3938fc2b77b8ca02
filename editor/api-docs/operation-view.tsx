/** One route: who may call it, what it takes, what it answers, the same for a terminal, and trying it. */
import { CAPABILITIES } from '../../server/api/access.ts'
import type { Me } from '../../server/api/people.ts'
import type { Operation, Schema } from './document.ts'
import { SchemaView } from './schema-view.tsx'
import { TryIt } from './try-it.tsx'
import { useApiText } from './words.ts'

interface OperationProps {
  operation: Operation
  schemas: Readonly<Record<string, Schema>>
  me: Me | undefined
}

export function OperationView({ operation, schemas, me }: OperationProps) {
  const text = useApiText()
  const { method, path, summary, body, parameters, responses } = operation
  return (
    <article aria-labelledby="operation-title">
      <a className="api-back" href="/api-docs#">
        {text.back}
      </a>
      <h2 id="operation-title" className="api-title" lang="en" data-testid="operation-title">
        {summary}
      </h2>
      <p className="api-path">
        <span className="api-method">{method}</span> <code>{path}</code>
      </p>
      <Who operation={operation} me={me} />
      {parameters.length > 0 && (
        <section className="api-card" aria-labelledby="operation-parameters">
          <h3 id="operation-parameters">{text.parameters}</h3>
          <ul className="api-schema" lang="en">
            {parameters.map(({ name, in: place, required, schema }) => (
              <SchemaView key={name} name={name} schema={schema} isRequired={required} note={place === 'path' ? text.inPath : undefined} schemas={schemas} />
            ))}
          </ul>
        </section>
      )}
      {body && (
        <section className="api-card" aria-labelledby="operation-body">
          <h3 id="operation-body">{text.body}</h3>
          {body.isFile ? (
            <p>{text.bodyFile}</p>
          ) : (
            <ul className="api-schema" lang="en">
              <SchemaView schema={body.schema} schemas={schemas} isOpen />
            </ul>
          )}
        </section>
      )}
      <TryIt operation={operation} me={me} schemas={schemas} />
      <section className="api-card" aria-labelledby="operation-answers">
        <h3 id="operation-answers">{text.answers}</h3>
        {responses.map(({ status, description, schema, isFile }) => (
          <details key={status} open={status.startsWith('2')}>
            <summary>
              <strong>{status}</strong> <span lang="en">{description}</span>
            </summary>
            {isFile && <p>{text.answerFile}</p>}
            {!isFile && schema && (
              <ul className="api-schema" lang="en">
                <SchemaView schema={schema} schemas={schemas} isOpen />
              </ul>
            )}
          </details>
        ))}
      </section>
    </article>
  )
}

function Who({ operation: { access }, me }: Pick<OperationProps, 'operation' | 'me'>) {
  const { who } = useApiText()
  if (access === 'public' || access === 'session') return <p className="api-dim">{who[access]}</p>
  const isMine = me?.capabilities.includes(access)
  return (
    <p className="api-dim">
      {who.needs(access)} <span lang="en">({CAPABILITIES[access as keyof typeof CAPABILITIES]})</span> {me && !isMine && <strong>{who.without}</strong>}
    </p>
  )
}
