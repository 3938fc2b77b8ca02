/** Importing a template, or a newer version of it: fill in, see what is missing and what it changes, rehearse, deploy. */
import { Button, Checkbox, Switch, TextInput } from '@mantine/core'
import { CircleCheck, CloudUpload, PencilRuler, TriangleAlert } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import type { ImportRequest, TemplateDetail, TemplateImport } from '../../../server/api/templates/index.ts'
import { useFindingText } from '../../designer/deploy/finding-words.ts'
import type { ApiError } from '../../shared/api.ts'
import { useLanguage } from '../../shared/text/index.ts'
import { Signature } from '../detail/signature.tsx'
import { Back, useDetail } from '../detail/template-detail.tsx'
import { errorWords, inLanguage, useTemplatesText } from '../words.ts'
import { CheckStep } from './check-step.tsx'
import { Conflicts, type Decisions } from './conflicts.tsx'
import { ParameterForm, useWrong } from './parameter-form.tsx'
import { RehearseStep } from './rehearse-step.tsx'
import { type Importing, type Target, useImport } from './use-import.ts'
import { usePreview } from './use-preview.ts'
import { given, initialValues, type Values } from './values.ts'

/** The part behind `#`: empty. */
const GALLERY = '#'

// the canvas is large: it comes while the form is looked at
const FlowView = lazy(() => import('./flow-view.tsx'))

export interface ImportPageProps {
  templateId: string
  /** The import that it takes the place of: an update, or other values. */
  replaces?: TemplateImport | undefined
  onDone: () => void
}

export function ImportPage({ templateId, replaces, onDone }: ImportPageProps) {
  const text = useTemplatesText()
  const language = useLanguage()
  const findings = useFindingText()
  const { detail, error } = useDetail(templateId)
  const back = replaces ? '#imported' : `#t/${encodeURIComponent(templateId)}`
  if (error || !detail)
    return (
      <div className="templates-detail">
        <Back href={GALLERY}>{text.back}</Back>
        {error ? <p role="alert">{errorWords(error, language, findings)}</p> : <div className="templates-skeleton" aria-hidden />}
      </div>
    )
  return <Steps key={`${detail.id} ${detail.version}`} detail={inLanguage(detail, language)} back={back} replaces={replaces} onDone={onDone} />
}

function Steps({ detail, back, replaces, onDone }: { detail: TemplateDetail; back: string; replaces: TemplateImport | undefined; onDone: () => void }) {
  const text = useTemplatesText()
  const words = text.wizard
  const language = useLanguage()
  const findings = useFindingText()
  const [values, setValues] = useState<Values>(() => initialValues(detail.parameters, replaces?.parameters))
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const [isTried, setTried] = useState(false)
  const [pressed, setPressed] = useState<Target>()
  const [name, setName] = useState('')
  const [keepsChanges, setKeepsChanges] = useState(true)
  const [decisions, setDecisions] = useState<Decisions>({})
  const [withoutPrograms, setWithoutPrograms] = useState(false)
  const [withoutPanels, setWithoutPanels] = useState(false)
  const [takesOtherSigner, setTakesOtherSigner] = useState(false)
  const request: ImportRequest = {
    version: detail.version,
    parameters: given(detail.parameters, values),
    keepsChanges,
    ...(name.trim() === '' ? {} : { name: name.trim() }),
    ...(replaces ? { replaces: replaces.id, decisions } : {}),
    ...(takesOtherSigner ? { takesOtherSigner } : {}),
    ...(withoutPrograms ? { withoutPrograms } : {}),
    ...(withoutPanels ? { withoutPanels } : {}),
  }
  const { looked, error, isLooking, again } = usePreview(detail.id, request)
  const steps = useRef<HTMLDivElement>(null)
  const importing = useImport(detail.id, onDone)
  const wrong = useWrong(detail.parameters, values)
  const preview = looked?.preview
  const shownWrong = new Map(
    [...wrong]
      .filter(([key]) => isTried || touched.has(key))
      .concat(
        // what only the server can tell: a machine that is not there any more
        (preview?.parameterProblems ?? []).filter(({ key }) => !wrong.has(key) && values[key] !== '').map(({ key, message }) => [key, message]),
      ),
  )
  const { state } = importing
  const busyWith = state.is === 'under-way' ? state.to : pressed
  const isBusy = busyWith !== undefined
  const isReady = preview?.isReady === true && !isLooking && !error && wrong.size === 0
  const go = (to: Target) => {
    setTried(true)
    if (wrong.size === 0) setPressed(to)
    // what is missing is known: nothing is to be waited for, and nothing begins by itself once it is filled in
    else requestAnimationFrame(() => steps.current && leadToWhatIsMissing(steps.current))
  }
  // what was pressed waits for the look at what stands in the form now
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each press, with what is there then
  useEffect(() => {
    if (pressed === undefined || isLooking) return
    setPressed(undefined)
    if (isReady) importing.run(request, pressed, preview.rev)
    else if (steps.current) leadToWhatIsMissing(steps.current)
  }, [pressed, isLooking])
  if (state.is === 'done') return <Done state={state} asksForCredentials={preview?.advice.some(({ about }) => about === 'credentials') === true} />
  return (
    <article className="templates-detail templates-import" data-testid="import-page">
      <Back href={back}>{replaces ? text.tabs.back : detail.name}</Back>
      <h1>
        {!replaces
          ? words.title(detail.name)
          : replaces.version === detail.version
            ? words.changeTitle(replaces.name)
            : words.updateTitle(replaces.name, detail.version)}
      </h1>
      <div className="templates-columns">
        <div className="templates-steps" ref={steps}>
          <Step number={1} title={words.stepFill} hint={words.stepFillHint}>
            <ParameterForm
              parameters={detail.parameters}
              values={values}
              wrong={shownWrong}
              onChange={(key, value) => {
                setValues((before) => ({ ...before, [key]: value }))
                setTouched((before) => new Set(before).add(key))
              }}
            />
            {!replaces && (
              <TextInput
                label={words.flowName}
                description={words.flowNameHint}
                placeholder={preview?.tabs[0]?.label ?? ''}
                maxLength={120}
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
                data-testid="flow-name"
              />
            )}
            {replaces && (
              <Switch
                label={words.keepsChanges}
                description={words.keepsChangesHint}
                checked={keepsChanges}
                onChange={(event) => setKeepsChanges(event.currentTarget.checked)}
                data-testid="keeps-changes"
              />
            )}
          </Step>
          <Step number={2} title={words.stepCheck}>
            {error ? (
              <Problem error={error} onAgain={again} />
            ) : preview ? (
              <>
                <CheckStep
                  preview={preview}
                  before={looked?.before ?? []}
                  isFormWrong={wrong.size > 0}
                  isLooking={isLooking}
                  withoutPrograms={withoutPrograms}
                  withoutPanels={withoutPanels}
                  decisions={decisions}
                  onWithoutPrograms={setWithoutPrograms}
                  onWithoutPanels={setWithoutPanels}
                />
                {replaces && keepsChanges && preview.conflicts.length > 0 && (
                  <Conflicts conflicts={preview.conflicts} decisions={decisions} onDecide={setDecisions} />
                )}
              </>
            ) : (
              <div className="templates-skeleton" aria-hidden />
            )}
            {detail.signer.state !== 'product' && <Signature signer={detail.signer} />}
          </Step>
          {preview && preview.tests.length > 0 && (
            <Step number={3} title={words.stepTest}>
              <RehearseStep preview={preview} before={looked.before} isOn={isReady} />
            </Step>
          )}
          <Step number={preview && preview.tests.length > 0 ? 4 : 3} title={words.stepGo}>
            {state.is === 'failed' && (
              <Failed error={state.error}>
                {state.error.code === 'template-signer' && (
                  <Checkbox label={words.otherSigner} checked={takesOtherSigner} onChange={(event) => setTakesOtherSigner(event.currentTarget.checked)} />
                )}
              </Failed>
            )}
            <div className="templates-go">
              <Button
                leftSection={<CloudUpload size={16} aria-hidden />}
                loading={busyWith === 'deploy'}
                disabled={isBusy}
                onClick={() => go('deploy')}
                data-testid="import-deploy"
              >
                {words.deploy}
              </Button>
              <span className="templates-dim">{words.deployHint}</span>
              <Button
                variant="default"
                leftSection={<PencilRuler size={16} aria-hidden />}
                loading={busyWith === 'draft'}
                disabled={isBusy}
                onClick={() => go('draft')}
                data-testid="import-draft"
              >
                {words.draft}
              </Button>
              <span className="templates-dim">{words.draftHint}</span>
            </div>
            <p className="templates-dim" role="status">
              {state.is === 'under-way' ? (importing.stage ? words.stages[importing.stage] : words.importing) : ''}
            </p>
          </Step>
        </div>
        <section className="templates-side" aria-label={words.flow} data-looking={isLooking || undefined}>
          <h2>{words.flow}</h2>
          {looked ? (
            <Suspense fallback={<div className="templates-canvas" aria-hidden />}>
              <FlowView preview={looked.preview} before={looked.before} />
            </Suspense>
          ) : (
            <div className="templates-canvas" aria-hidden />
          )}
          <p className="templates-dim" role="status">
            {isLooking ? words.looking : ''}
          </p>
          {error && <p className="templates-dim">{errorWords(error, language, findings)}</p>}
        </section>
      </div>
    </article>
  )
}

/** After what is wrong was marked: the first wrong field, else what is missing. */
function leadToWhatIsMissing(steps: HTMLElement): void {
  const field = steps.querySelector<HTMLElement>('[aria-invalid="true"]')
  const to = field ?? steps.querySelector<HTMLElement>('.templates-check')
  to?.scrollIntoView({ block: 'center' })
  field?.focus({ preventScroll: true })
}

function Step({ number, title, hint, children }: { number: number; title: string; hint?: string; children: ReactNode }) {
  return (
    <section className="templates-step" aria-labelledby={`step-${number}`}>
      <h2 id={`step-${number}`}>
        <span className="templates-number" aria-hidden>
          {number}
        </span>
        {title}
      </h2>
      {hint && <p className="templates-dim">{hint}</p>}
      {children}
    </section>
  )
}

function Problem({ error, onAgain }: { error: ApiError; onAgain: () => void }) {
  const text = useTemplatesText()
  const language = useLanguage()
  const findings = useFindingText()
  return (
    <div role="alert">
      <p>{errorWords(error, language, findings)}</p>
      <Button variant="default" onClick={onAgain}>
        {text.wizard.lookAgain}
      </Button>
    </div>
  )
}

function Failed({ error, children }: { error: ApiError; children: ReactNode }) {
  const text = useTemplatesText()
  const words = text.wizard
  const language = useLanguage()
  const findings = useFindingText()
  const seen = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each failure is to be seen
  useEffect(() => seen.current?.scrollIntoView({ block: 'nearest' }), [error])
  const todo =
    error.code === 'version-mismatch'
      ? words.todo.again
      : error.code === 'flow-tests-failed'
        ? words.todo.tests
        : error.code === 'unreachable'
          ? words.todo.unreachable
          : undefined
  return (
    <div className="templates-failed" role="alert" ref={seen} data-testid="import-failed">
      <TriangleAlert size={18} aria-hidden />
      <div>
        <strong>{words.failed}</strong>
        <p>{errorWords(error, language, findings)}</p>
        {todo && <p>{todo}</p>}
        {children}
      </div>
    </div>
  )
}

function Done({ state, asksForCredentials }: { state: Extract<Importing['state'], { is: 'done' }>; asksForCredentials: boolean }) {
  const text = useTemplatesText()
  const words = text.wizard
  const { made, to, panelProblems } = state
  const head = useRef<HTMLHeadingElement>(null)
  useEffect(() => head.current?.focus(), [])
  const tab = made.tabs[0]?.id
  const panel = made.panels[0]?.place
  return (
    <article className="templates-detail templates-done" data-testid="import-done">
      <CircleCheck size={40} aria-hidden />
      <h1 tabIndex={-1} ref={head}>
        {to === 'deploy' ? words.done(made.name) : words.doneDraft(made.name)}
      </h1>
      {asksForCredentials && <p>{words.credentialsHint}</p>}
      {panelProblems.length > 0 && (
        <div role="alert">
          <p className="templates-warn">{words.panelProblems}</p>
          <ul className="templates-lines">
            {panelProblems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </div>
      )}
      <div className="templates-actions">
        <Button component="a" href={tab === undefined ? '/' : `/#flow/${encodeURIComponent(tab)}`} data-testid="open-flow">
          {words.openFlow}
        </Button>
        {to === 'deploy' && panel !== undefined && (
          <Button component="a" variant="default" href={`/operator#${encodeURIComponent(panel)}`} data-testid="open-panel">
            {words.openPanel}
          </Button>
        )}
        <Button component="a" variant="default" href="#imported">
          {words.toImported}
        </Button>
        <Button component="a" variant="default" href={GALLERY}>
          {words.toGallery}
        </Button>
      </div>
    </article>
  )
}
