/** Sending a route from the page, as whoever is signed in: reading at once, changing after a second gesture, moving never. */
import { Button, Checkbox, FileInput, JsonInput, Select, TextInput } from '@mantine/core'
import { Send } from 'lucide-react'
import { sample } from 'openapi-sampler'
import { type FormEvent, useId, useMemo, useState } from 'react'
import type { Me } from '../../server/api/people.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { CopyableCode } from './copyable-code.tsx'
import type { Operation, Parameter, Schema } from './document.ts'
import { addressOf, curlOf, missing, riskOf } from './trying.ts'
import { useApiText } from './words.ts'

/** More of an answer would make the page stand still. */
const MOST_SHOWN = 200_000

interface Answer {
  status: number
  statusText: string
  ms: number
  bytes: number
  text: string
}

export function TryIt({ operation, me, schemas }: { operation: Operation; me: Me | undefined; schemas: Readonly<Record<string, Schema>> }) {
  const text = useApiText()
  const title = useId()
  const risk = riskOf(operation)
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [body, setBody] = useState(() => sampleOf(operation, schemas))
  const [file, setFile] = useState<File | null>(null)
  const [isMeant, setMeant] = useState(false)
  const [isSending, setSending] = useState(false)
  const [problem, setProblem] = useState<string>()
  const [answer, setAnswer] = useState<Answer>()
  const line = useMemo(() => curlOf(operation, values, body, location.origin), [operation, values, body])

  const send = async (event: FormEvent) => {
    event.preventDefault()
    setProblem(undefined)
    const lacking = missing(operation, values)
    if (lacking.length > 0) return setProblem(text.try.missing(lacking.join(', ')))
    const wrong = operation.body && !operation.body.isFile && body.trim() !== '' ? whyNotJson(body) : undefined
    if (wrong !== undefined) return setProblem(text.try.notJson(wrong))
    setSending(true)
    setAnswer(undefined)
    try {
      setAnswer(await sent(operation, values, operation.body?.isFile ? (file ?? '') : body))
    } catch {
      setProblem(text.try.unreachable)
    } finally {
      setSending(false)
      // each time anew: what was meant once is not meant again
      setMeant(false)
    }
  }
  return (
    <section className="api-card" aria-labelledby={title}>
      <h3 id={title}>{text.try.title}</h3>
      {risk === 'moves' ? (
        <p className="api-moves" data-testid="api-moves">
          {text.try.moves}
        </p>
      ) : (
        <form onSubmit={(event) => void send(event)} noValidate>
          <p className="api-dim">
            {text.try.asYou(me?.name ?? '')} {risk === 'write' && text.try.write}
          </p>
          <div className="api-fields">
            {operation.parameters.map((parameter) => (
              <ParameterField
                key={parameter.name}
                parameter={parameter}
                value={values[parameter.name] ?? ''}
                onChange={(value) => setValues((before) => ({ ...before, [parameter.name]: value }))}
              />
            ))}
          </div>
          {operation.body?.isFile && <FileInput label={text.try.file} placeholder={text.try.chooseFile} value={file} onChange={setFile} />}
          {operation.body && !operation.body.isFile && (
            <JsonInput
              label={text.body}
              value={body}
              onChange={setBody}
              autosize
              minRows={3}
              maxRows={20}
              spellCheck={false}
              className="api-json"
              data-testid="api-body"
            />
          )}
          {risk === 'write' && (
            <Checkbox label={text.try.iKnow} checked={isMeant} onChange={(event) => setMeant(event.currentTarget.checked)} data-testid="api-meant" />
          )}
          {problem && (
            <p className="api-problem" role="alert">
              {problem}
            </p>
          )}
          <Button
            type="submit"
            leftSection={<Send size={16} aria-hidden />}
            disabled={risk === 'write' && !isMeant}
            loading={isSending}
            aria-label={isSending ? text.try.sending : undefined}
            data-testid="api-send"
          >
            {text.try.send}
          </Button>
        </form>
      )}
      <div aria-live="polite">{answer && <AnswerView answer={answer} />}</div>
      <h4>{text.terminal}</h4>
      <CopyableCode value={line} label={text.terminal} />
    </section>
  )
}

function AnswerView({ answer: { status, statusText, ms, bytes, text: shown } }: { answer: Answer }) {
  const text = useApiText().try
  const format = formats(useLanguage())
  return (
    <div className="api-answer" data-state={status < 400 ? 'ok' : 'refused'} data-testid="api-answer">
      <h4>
        {text.answer}: {status} {statusText} <span className="api-dim">{text.took(String(Math.round(ms)))}</span>
      </h4>
      {bytes > MOST_SHOWN && <p className="api-dim">{text.cut(format.bytes(bytes))}</p>}
      {shown === '' ? <p className="api-dim">{text.nothing}</p> : <CopyableCode value={shown} label={text.answer} />}
    </div>
  )
}

function ParameterField({
  parameter: { name, required, schema },
  value,
  onChange,
}: {
  parameter: Parameter
  value: string
  onChange: (value: string) => void
}) {
  const choices = schema.enum ?? (schema.type === 'boolean' ? [true, false] : undefined)
  const common = { label: name, required, ...(schema.description ? { description: schema.description } : {}), 'data-testid': `api-value-${name}` }
  const fallback = schema.default === undefined ? {} : { placeholder: String(schema.default) }
  if (choices)
    return (
      <Select {...common} {...fallback} data={choices.map(String)} clearable value={value === '' ? null : value} onChange={(next) => onChange(next ?? '')} />
    )
  return <TextInput {...common} {...fallback} value={value} spellCheck={false} autoComplete="off" onChange={(event) => onChange(event.currentTarget.value)} />
}

function sampleOf({ body }: Operation, schemas: Readonly<Record<string, Schema>>): string {
  if (!body || body.isFile) return ''
  const spec = { components: { schemas } }
  return JSON.stringify(sample(body.schema as Parameters<typeof sample>[0], { skipReadOnly: true, quiet: true }, spec), null, 2) ?? ''
}

function whyNotJson(body: string): string | undefined {
  try {
    JSON.parse(body)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** Sends it with this browser's session. @throws TypeError when the server cannot be reached */
async function sent(operation: Operation, values: Readonly<Record<string, string>>, body: string | File): Promise<Answer> {
  const began = performance.now()
  const isEmpty = typeof body === 'string' && body.trim() === ''
  const response = await fetch(addressOf(operation, values), {
    method: operation.method,
    credentials: 'same-origin',
    headers: {
      'x-cellwright': '1',
      ...(isEmpty ? {} : { 'content-type': operation.body?.isFile ? 'application/octet-stream' : 'application/json' }),
    },
    ...(isEmpty ? {} : { body }),
  })
  const content = await response.blob()
  const raw = await content.slice(0, MOST_SHOWN).text()
  return { status: response.status, statusText: response.statusText, ms: performance.now() - began, bytes: content.size, text: pretty(raw) }
}

function pretty(raw: string): string {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2)
  } catch {
    return raw
  }
}
