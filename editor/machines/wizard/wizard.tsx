/** The set-up of a machine, step by step: find it, ask it, limit it, add it, and see with one's own eyes that it stops. */
import { Button } from '@mantine/core'
import { ArrowLeft, ArrowRight, Check } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { addMachine, changeMachine, type MachineView } from '../../../server/api/machines.ts'
import { ApiError, call } from '../../shared/api.ts'
import { StopBar } from '../../shared/machine/stop-bar.tsx'
import { may, useMe } from '../../shared/me.ts'
import { linkOf, problemsOf, settingsOf } from '../forms/draft.ts'
import { LimitsForm } from '../forms/limits-form.tsx'
import { LinkForm } from '../forms/link-form.tsx'
import { NameForm } from '../forms/name-form.tsx'
import { RulesForm } from '../forms/rules-form.tsx'
import { useMachinesText } from '../use-machines-text.ts'
import { Briefing } from './briefing.tsx'
import { ControllerStep } from './controller-step.tsx'
import { SettingsTable } from './settings-table.tsx'
import { type PressedAt, StopTest } from './stop-test.tsx'
import {
  firstUnready,
  forget,
  isSurveyCurrent,
  keep,
  kept,
  newWizard,
  PART_OF,
  type Step,
  stepsFor,
  stillTrue,
  withSurvey,
  withVirtualTravel,
} from './wizard-state.ts'

export interface WizardProps {
  machines: readonly MachineView[]
  isStale: boolean
  onLeave: () => void
  onDone: (machineId: string) => void
}

export function Wizard({ machines, isStale, onLeave, onDone }: WizardProps) {
  const text = useMachinesText()
  const { me } = useMe()
  const [state, setState] = useState(() => stillTrue(kept(), machines) ?? newWizard())
  const [tried, setTried] = useState<readonly Step[]>([])
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const [pressed, setPressed] = useState<PressedAt>()
  const head = useRef<HTMLHeadingElement>(null)
  useEffect(() => keep(state), [state])
  const { draft, step } = state
  const steps = stepsFor(draft)
  const index = steps.indexOf(step)
  const part = PART_OF[step]
  const problems = part ? problemsOf(draft, part) : []
  const shown = tried.includes(step) ? problems : []
  const machine = machines.find(({ id }) => id === state.addedId)
  const isSaved = state.savedDraft === JSON.stringify(draft)
  const isSurveyed = isSurveyCurrent(state)
  const hasPassed = (['hold', 'stop'] as const).every((kind) => state.tests.findLast((record) => record.kind === kind)?.didStop)

  const go = (to: Step) => {
    setProblem(undefined)
    setState((was) => ({ ...withVirtualTravel(was), step: to }))
    // the heading tells a screen reader where one is now
    requestAnimationFrame(() => head.current?.focus())
  }
  const next = async () => {
    if (problems.length) {
      setTried([...tried, step])
      requestAnimationFrame(() => document.querySelector<HTMLElement>('.wizard [aria-invalid="true"]')?.focus())
      return
    }
    if (step === 'add' && !(await save())) return
    const to = steps[index + 1]
    if (to) go(to)
    else {
      forget()
      onDone(state.addedId ?? '')
    }
  }
  const save = async (): Promise<boolean> => {
    const unready = firstUnready(draft, 'add')
    if (unready) {
      setTried([...tried, unready])
      go(unready)
      return false
    }
    setBusy(true)
    setProblem(undefined)
    try {
      if (state.addedId) await call(changeMachine, { params: { machineId: state.addedId }, body: settingsOf(draft) })
      else await call(addMachine, { body: { id: draft.id, ...settingsOf(draft) } })
      setState((was) => ({ ...was, addedId: was.addedId ?? draft.id, savedDraft: JSON.stringify(draft) }))
      return true
    } catch (error) {
      setProblem(error instanceof ApiError ? [error.message, ...error.errors.map(({ path, message }) => `${path}: ${message}`)].join(' ') : String(error))
      return false
    } finally {
      setBusy(false)
    }
  }

  return (
    <div className="cw-with-stops">
      <div className="cw-work m-scroll">
        <div className="wizard" data-testid="wizard" data-step={step}>
          <header className="wizard-head">
            <h1>{text.wizard.title}</h1>
            <div>
              {(step !== 'link' || state.addedId !== undefined) && (
                <Button variant="subtle" color="gray" onClick={() => setState(newWizard())}>
                  {text.wizard.anew}
                </Button>
              )}
              <Button variant="subtle" color="gray" onClick={onLeave}>
                {text.wizard.leave}
              </Button>
            </div>
          </header>
          <ol className="wizard-steps" aria-label={text.wizard.steps}>
            {steps.map((one, at) => {
              const isReachable = at <= index || (at < steps.indexOf('test') ? firstUnready(draft, one) === undefined : state.addedId !== undefined)
              return (
                <li key={one} data-done={at < index || undefined} data-current={one === step || undefined}>
                  <button type="button" aria-current={one === step ? 'step' : undefined} disabled={!isReachable || isBusy} onClick={() => go(one)}>
                    <span className="wizard-number">{at < index ? <Check size={14} aria-hidden /> : at + 1}</span>
                    <span>{text.wizard.names[one]}</span>
                  </button>
                </li>
              )
            })}
          </ol>
          <section className="wizard-step" aria-labelledby="wizard-step-title">
            <h2 id="wizard-step-title" ref={head} tabIndex={-1}>
              {text.wizard.titles[step]}
            </h2>
            <p className="wizard-why">{text.wizard.why[step]}</p>
            {step === 'link' && <LinkForm draft={draft} problems={shown} onChange={(to) => setState({ ...state, draft: to })} />}
            {step === 'controller' && (
              <ControllerStep
                link={linkOf(draft.link)}
                controller={draft.controller}
                survey={state.survey}
                isCurrent={isSurveyed}
                onSurvey={(survey) => setState((was) => withSurvey(was, survey))}
              />
            )}
            {step === 'settings' &&
              (isSurveyed && state.survey ? (
                <SettingsTable settings={state.survey.settings} />
              ) : (
                <p className="mf-hint">
                  {text.survey.notAsked}{' '}
                  <button type="button" className="m-link" onClick={() => go('controller')}>
                    {text.survey.ask}
                  </button>
                </p>
              ))}
            {step === 'limits' && (
              <LimitsForm
                draft={draft}
                problems={shown}
                onChange={(to) => setState({ ...state, draft: to })}
                surveyed={isSurveyed ? state.survey?.envelopeMm : undefined}
              />
            )}
            {step === 'rules' && <RulesForm draft={draft} problems={shown} onChange={(to) => setState({ ...state, draft: to })} />}
            {step === 'add' && (
              <>
                <NameForm draft={draft} problems={shown} onChange={(to) => setState({ ...state, draft: to })} isIdFixed={state.addedId !== undefined} />
                <Briefing draft={draft} survey={isSurveyed ? state.survey : undefined} />
              </>
            )}
            {step === 'test' && machine && (
              <StopTest
                machine={machine}
                isStale={isStale}
                mayOperate={may(me, 'machines.operate')}
                by={me?.name ?? ''}
                pressed={pressed}
                records={state.tests}
                onRecord={(record) => setState((was) => ({ ...was, tests: [...was.tests, record] }))}
              />
            )}
            {step === 'test' && !machine && <div className="m-skeleton" aria-hidden />}
          </section>
          {problem && (
            <p className="mf-problem" role="alert" data-testid="wizard-problem">
              {problem}
            </p>
          )}
          {shown.length > 0 && (
            <p className="mf-problem" role="alert">
              {text.wizard.fix(String(shown.length))}
            </p>
          )}
          <footer className="wizard-foot">
            <Button
              variant="default"
              leftSection={<ArrowLeft size={16} aria-hidden />}
              disabled={index === 0 || isBusy}
              onClick={() => go(steps[index - 1] ?? 'link')}
            >
              {text.wizard.back}
            </Button>
            {step === 'add' && state.addedId && isSaved ? (
              <Button rightSection={<ArrowRight size={16} aria-hidden />} onClick={() => go('test')} data-testid="wizard-next">
                {text.wizard.next}
              </Button>
            ) : (
              <Button
                variant={step === 'test' && !hasPassed ? 'default' : 'filled'}
                rightSection={<ArrowRight size={16} aria-hidden />}
                loading={isBusy}
                onClick={next}
                data-testid="wizard-next"
              >
                {step === 'add'
                  ? state.addedId
                    ? text.wizard.save
                    : text.wizard.add
                  : step === 'test'
                    ? hasPassed
                      ? text.wizard.done
                      : text.wizard.doneUntested
                    : text.wizard.next}
              </Button>
            )}
          </footer>
          {state.addedId && !isSaved && step !== 'add' && (
            <p className="mf-warning" role="status">
              {text.wizard.unsaved}{' '}
              <button type="button" className="m-link" onClick={() => go('add')}>
                {text.wizard.names.add}
              </button>
            </p>
          )}
        </div>
      </div>
      <StopBar key={machine?.id} machine={machine} isAllowed={may(me, 'machines.stop')} isNamed onPress={(kind) => setPressed({ kind, at: Date.now() })} />
    </div>
  )
}
