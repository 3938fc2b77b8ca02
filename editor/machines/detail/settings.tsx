/** The settings of a machine that is there: the same forms as in the set-up, one below the other. Only saving changes anything. */
import { Button } from '@mantine/core'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { changeMachine, type MachineView, removeMachine } from '../../../server/api/machines.ts'
import { ApiError, call } from '../../shared/api.ts'
import { HoldToConfirm } from '../../shared/machine/hold-to-confirm.tsx'
import { useMachineText } from '../../shared/machine/use-machine-text.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { reasonOf, VersionReason } from '../../shared/version-reason.tsx'
import { type Draft, draftOf, type Part, problemsOf, settingsOf } from '../forms/draft.ts'
import { LimitsForm } from '../forms/limits-form.tsx'
import { LinkForm } from '../forms/link-form.tsx'
import { NameForm } from '../forms/name-form.tsx'
import { RulesForm } from '../forms/rules-form.tsx'
import { useMachinesText } from '../use-machines-text.ts'

const PARTS: readonly Part[] = ['name', 'link', 'limits', 'rules']

export function Settings({ machine, mayConfigure, onRemoved }: { machine: MachineView; mayConfigure: boolean; onRemoved: () => void }) {
  const text = useMachinesText()
  const words = useMachineText()
  const common = useCommonText()
  const there = draftOf(machine)
  const thereText = JSON.stringify(there)
  const [base, setBase] = useState(thereText)
  const [edited, setEdited] = useState<Draft>()
  const [reason, setReason] = useState('')
  const [hasTried, setTried] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [told, setTold] = useState<{ isProblem: boolean; words: string }>()
  // somebody else saved: an untouched form follows, a touched one is kept and says so
  if (base !== thereText && !edited) setBase(thereText)
  const draft = edited ?? there
  const isChanged = edited !== undefined && JSON.stringify(edited) !== base
  const problems = PARTS.flatMap((part) => problemsOf(draft, part))
  const shown = hasTried ? problems : []
  const change = (to: Draft) => {
    setTold(undefined)
    setEdited(to)
  }
  const save = async () => {
    setTried(true)
    if (problems.length) {
      requestAnimationFrame(() => document.querySelector<HTMLElement>('.m-settings [aria-invalid="true"]')?.focus())
      return
    }
    setBusy(true)
    try {
      await call(changeMachine, { params: { machineId: machine.id }, body: { ...settingsOf(draft), ...reasonOf(reason) } })
      setEdited(undefined)
      setReason('')
      setTried(false)
      setTold({ isProblem: false, words: text.settings.saved })
    } catch (error) {
      const all = error instanceof ApiError ? [error.message, ...error.errors.map((one) => `${one.path}: ${one.message}`)].join(' ') : String(error)
      setTold({ isProblem: true, words: all })
    } finally {
      setBusy(false)
    }
  }
  const remove = async () => {
    setBusy(true)
    try {
      await call(removeMachine, { params: { machineId: machine.id } })
      onRemoved()
    } catch (error) {
      setTold({ isProblem: true, words: error instanceof Error ? error.message : String(error) })
      setBusy(false)
    }
  }
  const form = { draft, problems: shown, onChange: change }
  return (
    <div className="m-settings-box">
      <div className="m-settings m-scroll" inert={!mayConfigure || isBusy}>
        <NameForm {...form} isIdFixed />
        <h2>{text.settings.link}</h2>
        <LinkForm {...form} />
        <h2>{text.settings.limits}</h2>
        <LimitsForm {...form} />
        <h2>{text.settings.rules}</h2>
        <RulesForm {...form} />
        <section className="m-danger">
          <h2>{text.settings.remove}</h2>
          <p>{text.settings.removeWhat}</p>
          <HoldToConfirm
            tone="plain"
            testId="remove-machine"
            icon={<Trash2 size={20} aria-hidden />}
            label={text.settings.removeNow(machine.name)}
            says={text.settings.removeSays}
            hint={words.holdToConfirm}
            onConfirm={remove}
          />
        </section>
      </div>
      <footer className="m-save" data-changed={isChanged || undefined}>
        <p role="status" className={told?.isProblem || shown.length ? 'mf-problem' : undefined} data-testid="settings-told">
          {told?.words ??
            (shown.length
              ? text.wizard.fix(String(shown.length))
              : isChanged
                ? base === thereText
                  ? text.settings.changed
                  : text.settings.changedElsewhere
                : !mayConfigure
                  ? text.settings.readOnly
                  : '')}
        </p>
        {isChanged && <VersionReason isInline value={reason} onChange={setReason} isDisabled={isBusy} />}
        <Button
          variant="default"
          disabled={!isChanged || isBusy}
          onClick={() => {
            setEdited(undefined)
            setReason('')
            setBase(thereText)
            setTold(undefined)
            setTried(false)
          }}
        >
          {text.settings.undo}
        </Button>
        <Button disabled={!isChanged} loading={isBusy} onClick={save} data-testid="save-settings">
          {common.save}
        </Button>
      </footer>
    </div>
  )
}
