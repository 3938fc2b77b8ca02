/** The form of a connection, made from its kind's schema: on its own page, and in the designer beside a node's form. */
import './connection-form.css'
import { Button, NumberInput, PasswordInput, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core'
import { Check, CircleAlert, PlugZap } from 'lucide-react'
import { type FormEvent, Fragment, useEffect, useMemo, useRef, useState } from 'react'
import { addConnection, type Connection, type ConnectorInfo, changeConnection, testConnection } from '../../../server/api/connections.ts'
import type { ResponseOf } from '../../../server/api/route.ts'
import { ApiError, call } from '../api.ts'
import { formats, useLanguage } from '../text/index.ts'
import { useCommonText } from '../theme.tsx'
import { reasonOf, VersionReason } from '../version-reason.tsx'
import { initialValues, isShown, type SettingsField, settingsFields, settingsOf, type Values, wrongSettings } from './fields.ts'
import { sayError, sayTold, useConnectionsText } from './words.ts'

export interface ConnectionFormProps {
  connector: ConnectorInfo
  /** What is changed; a new one otherwise. */
  connection?: Connection | undefined
  onSaved: (connection: Connection) => void
  onCancel: () => void
}

/** What cannot be helped by saving all the same. */
const NOT_ANYWAY = new Set([
  'invalid-input',
  'connection-name-taken',
  'connection-twice',
  'secret-again',
  'secret-unknown',
  'connector-unknown',
  'not-allowed',
  'unreachable',
])

type Outcome = ResponseOf<typeof testConnection>

export function ConnectionForm({ connector, connection, onSaved, onCancel }: ConnectionFormProps) {
  const text = useConnectionsText()
  const common = useCommonText()
  const language = useLanguage()
  const format = formats(language)
  const fields = useMemo(() => settingsFields(connector.settings), [connector])
  const [name, setName] = useState(connection?.name ?? '')
  const [values, setValues] = useState<Values>(() => initialValues(fields, connection?.settings))
  const [secrets, setSecrets] = useState<Record<string, string>>({})
  const [reason, setReason] = useState('')
  const [isOn, setOn] = useState(connection?.isEnabled ?? true)
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const [isTried, setTried] = useState(false)
  /** What the server said of single fields, by path. */
  const [refused, setRefused] = useState<ReadonlyMap<string, string>>(new Map())
  const [busy, setBusy] = useState<'test' | 'save'>()
  const [outcome, setOutcome] = useState<Outcome>()
  const [failure, setFailure] = useState<ApiError>()
  const said = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was said is to be seen, each time
  useEffect(() => {
    said.current?.scrollIntoView({ block: 'nearest' })
  }, [outcome, failure])
  const number = (value: number) => format.number(value, Number.isInteger(value) ? 0 : 1)
  const wrong = wrongSettings(connector.settings, fields, values, { ...text.wrong, required: text.required }, number)
  const isNameMissing = name.trim() === ''

  const changed = (path: string) => {
    setTouched((before) => new Set(before).add(path))
    setRefused((before) => new Map([...before].filter(([one]) => one !== path)))
    setOutcome(undefined)
    setFailure(undefined)
  }
  const errorOf = (path: string, own: string | undefined) => refused.get(path) ?? (isTried || touched.has(path) ? own : undefined)
  const body = () => ({ connector: connector.id, settings: settingsOf(fields, values), secrets })

  const failed = (error: unknown) => {
    const problem = error instanceof ApiError ? error : new ApiError({ code: 'unknown', status: 0, message: String(error) })
    setFailure(problem)
    setTried(true)
    const fieldErrors = problem.errors.map(({ path, message }) => [path.replace(/^\//, ''), message] as const)
    setRefused(
      new Map(
        problem.code === 'connection-name-taken'
          ? [['name', text.wrong.nameTaken]]
          : problem.code === 'secret-again'
            ? fieldErrors.map(([path]) => [path, text.wrong.again])
            : problem.code === 'connection-twice'
              ? fieldErrors.map(([path]) => [path, text.wrong.twice])
              : fieldErrors,
      ),
    )
  }
  const test = async () => {
    setTried(true)
    if (wrong.size) return
    setBusy('test')
    setOutcome(undefined)
    setFailure(undefined)
    try {
      setOutcome(await call(testConnection, { body: { ...body(), ...(connection ? { connectionId: connection.id } : {}) } }))
    } catch (error) {
      failed(error)
    } finally {
      setBusy(undefined)
    }
  }
  const save = async (isUntested: boolean) => {
    setTried(true)
    if (wrong.size || isNameMissing) return
    setBusy('save')
    setFailure(undefined)
    const whole = { ...body(), name: name.trim(), isEnabled: isOn, ...(isUntested ? { isUntested } : {}), ...reasonOf(reason) }
    try {
      onSaved(connection ? await call(changeConnection, { params: { connectionId: connection.id }, body: whole }) : await call(addConnection, { body: whole }))
    } catch (error) {
      failed(error)
      setBusy(undefined)
    }
  }
  const secretsBehind = (setting: string | undefined) =>
    connector.secrets
      .filter((secret) => secret.after === setting && isShown(secret, values))
      .map((secret) => (
        <SecretInput
          key={secret.name}
          secret={secret}
          isKept={connection?.keptSecrets.includes(secret.name) === true && connection.connector === connector.id}
          value={secrets[secret.name]}
          error={refused.get(`secrets/${secret.name}`)}
          onChange={(value) => {
            setSecrets(({ [secret.name]: _, ...others }) => (value === undefined ? others : { ...others, [secret.name]: value }))
            changed(`secrets/${secret.name}`)
          }}
        />
      ))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // React tells the form around a dialog, too
    event.stopPropagation()
    void save(false)
  }

  return (
    <form
      className="connection-form"
      onSubmit={submit}
      noValidate
      data-testid="connection-form"
      aria-label={connection ? text.changeOf(connection.name) : text.newOf(connector.label)}
    >
      <p className="connection-form-use">{connector.use}</p>
      <TextInput
        label={text.name}
        description={text.nameHint}
        withAsterisk
        maxLength={80}
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value)
          changed('name')
        }}
        error={errorOf('name', isNameMissing ? text.required : undefined)}
        autoComplete="off"
        data-autofocus
        data-testid="connection-name"
      />
      {fields
        .filter((field) => isShown(field, values))
        .map((field) => (
          <Fragment key={field.key}>
            <FieldInput
              field={field}
              value={values[field.key]}
              error={errorOf(field.key, wrong.get(field.key))}
              onChange={(value) => {
                setValues((before) => ({ ...before, [field.key]: value }))
                changed(field.key)
              }}
              onLeave={() => setTouched((before) => new Set(before).add(field.key))}
            />
            {secretsBehind(field.key)}
          </Fragment>
        ))}
      {secretsBehind(undefined)}
      <Switch label={text.isOn} checked={isOn} onChange={(event) => setOn(event.currentTarget.checked)} data-testid="connection-on" />
      {connection && <VersionReason value={reason} onChange={setReason} />}
      <div aria-live="polite" className="connection-form-said" ref={said}>
        {busy === 'test' && <p className="connection-form-busy">{text.testing}</p>}
        {outcome && <TestOutcome outcome={outcome} seconds={format.number(outcome.tookMs / 1000, 1)} />}
        {failure && (
          <div className="connection-outcome" data-state="bad" data-testid="connection-failure">
            <CircleAlert size={18} aria-hidden />
            <div>
              <p>{sayError(failure, language)}</p>
            </div>
          </div>
        )}
      </div>
      <div className="connection-form-buttons">
        <Button type="submit" loading={busy === 'save'} disabled={busy === 'test'} data-testid="connection-save">
          {text.save}
        </Button>
        <Button
          variant="default"
          leftSection={<PlugZap size={16} aria-hidden />}
          onClick={test}
          loading={busy === 'test'}
          disabled={busy === 'save'}
          title={text.testHint}
          data-testid="connection-test"
        >
          {text.test}
        </Button>
        <Button variant="subtle" color="gray" onClick={onCancel} data-testid="connection-cancel">
          {common.cancel}
        </Button>
        {failure && !NOT_ANYWAY.has(failure.code) && (
          <div className="connection-form-anyway">
            <Button variant="default" onClick={() => save(true)} data-testid="connection-save-anyway">
              {text.saveAnyway}
            </Button>
            <span>{text.saveAnywayHint}</span>
          </div>
        )}
      </div>
    </form>
  )
}

function TestOutcome({ outcome, seconds }: { outcome: Outcome; seconds: string }) {
  const text = useConnectionsText()
  const language = useLanguage()
  const Icon = outcome.isGood ? Check : CircleAlert
  return (
    <div className="connection-outcome" data-state={outcome.isGood ? 'good' : 'bad'} data-testid="connection-outcome">
      <Icon size={18} aria-hidden />
      <div>
        <strong>{outcome.isGood ? text.testGood(seconds) : text.testBad}</strong>
        {outcome.problem && <p>{sayTold(outcome.problem, language)}</p>}
        {outcome.seen.length > 0 && (
          <ul>
            {outcome.seen.map((told) => (
              <li key={told.text}>{sayTold(told, language)}</li>
            ))}
          </ul>
        )}
      </div>
    </div>
  )
}

function FieldInput({
  field,
  value,
  error,
  onChange,
  onLeave,
}: {
  field: SettingsField
  value: unknown
  error: string | undefined
  onChange: (value: unknown) => void
  onLeave: () => void
}) {
  const text = useConnectionsText()
  const language = useLanguage()
  const common = {
    label: field.title,
    description: field.description,
    error,
    withAsterisk: field.isRequired,
    placeholder: field.placeholder,
    onBlur: onLeave,
    'data-testid': `setting-${field.key}`,
  }
  switch (field.kind) {
    case 'text':
      return field.isLong ? (
        <Textarea
          {...common}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value)}
          minRows={2}
          maxRows={6}
          autosize
          classNames={{ input: 'connection-form-code' }}
          spellCheck={false}
        />
      ) : (
        <TextInput {...common} value={String(value ?? '')} onChange={(event) => onChange(event.currentTarget.value)} autoComplete="off" spellCheck={false} />
      )
    case 'number':
      return (
        <NumberInput
          {...common}
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => onChange(next === '' ? '' : Number(next))}
          allowDecimal={!field.isWhole}
          decimalSeparator={language === 'de' ? ',' : '.'}
          allowedDecimalSeparators={['.', ',']}
          suffix={field.unit ? ` ${field.unit}` : ''}
          clampBehavior="none"
          hideControls
        />
      )
    case 'switch':
      return (
        <Switch
          label={field.title}
          description={field.description}
          error={error}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
          data-testid={`setting-${field.key}`}
        />
      )
    case 'choice':
      return (
        <Select
          {...common}
          data={field.options.map(({ value: option, label }) => ({ value: option, label }))}
          value={String(value ?? '')}
          onChange={(next) => onChange(field.options.find((option) => option.value === next)?.stored ?? next)}
          allowDeselect={false}
          comboboxProps={{ withinPortal: true }}
        />
      )
    case 'list':
      return (
        <TagsInput
          {...common}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={onChange}
          placeholder={Array.isArray(value) && value.length ? text.addItem : (field.placeholder ?? text.addItem)}
          splitChars={[]}
          acceptValueOnBlur
          comboboxProps={{ withinPortal: true }}
        />
      )
    default:
      return field satisfies never
  }
}

/** What is kept is never shown: only that it is. */
function SecretInput({
  secret,
  isKept,
  value,
  error,
  onChange,
}: {
  secret: ConnectorInfo['secrets'][number]
  isKept: boolean
  /** Empty: the kept one is removed. */
  value: string | undefined
  error: string | undefined
  onChange: (value: string | undefined) => void
}) {
  const text = useConnectionsText()
  const isRemoved = isKept && value === ''
  const common = {
    label: secret.title,
    description: secret.description,
    error,
    value: value ?? '',
    placeholder: isRemoved ? text.secret.removed : isKept ? text.secret.kept : '',
    disabled: isRemoved,
    'data-testid': `secret-${secret.name}`,
  }
  // emptied by hand, it is as if nothing had been typed
  const typed = (next: string) => onChange(next === '' ? undefined : next)
  return (
    <div className="connection-secret">
      {secret.isLong ? (
        <Textarea
          {...common}
          onChange={(event) => typed(event.currentTarget.value)}
          minRows={2}
          maxRows={6}
          autosize
          classNames={{ input: 'connection-form-code' }}
          spellCheck={false}
          autoComplete="off"
        />
      ) : (
        <PasswordInput
          {...common}
          onChange={(event) => typed(event.currentTarget.value)}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': text.secret.show, tabIndex: 0 }}
        />
      )}
      {isKept && (
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          onClick={() => onChange(isRemoved ? undefined : '')}
          data-testid={`secret-${secret.name}-remove`}
        >
          {isRemoved ? text.secret.keep : text.secret.remove}
        </Button>
      )}
    </div>
  )
}
