/** The disk and what takes its room, each with its limit and what is deleted when; and the limits to be set. */
import { Button, NumberInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { type DatabasePass, type SpaceReport, type SpaceRule, type SpaceView, setSpaceRule, sweepSpace } from '../../../server/api/space.ts'
import type { SystemReport } from '../../../server/api/system-report.ts'
import { call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { reasonOf, VersionReason } from '../../shared/version-reason.tsx'
import { useHealthText } from './words.ts'

/** As the API bounds them. */
const BOUNDS: Record<keyof SpaceRule, { min: number; max: number }> = {
  journalDays: { min: 1, max: 3650 },
  journalMb: { min: 100, max: 10_000_000 },
  programDays: { min: 1, max: 3650 },
  logMb: { min: 20, max: 1_000_000 },
  databaseMb: { min: 100, max: 10_000_000 },
}
const RULES = Object.keys(BOUNDS) as (keyof SpaceRule)[]

/** @param props.isHere it is the host that these pages come from: only its limits and files can be changed here */
export function SpaceCard({ report, isHere }: { report: SystemReport; isHere: boolean }) {
  const text = useHealthText().space
  const format = formats(useLanguage())
  const { me } = useMe()
  const [isChanging, setChanging] = useState(false)
  const [isSweeping, setSweeping] = useState(false)
  const [said, setSaid] = useState<{ text: string; isProblem: boolean }>()
  const { disk, space } = report
  const used = disk.totalBytes ? 1 - disk.freeBytes / disk.totalBytes : 0
  const mayChange = isHere && may(me, 'system.manage')
  const sweep = async () => {
    setSweeping(true)
    setSaid(undefined)
    try {
      const { swept, isSweeping: goesOn } = await call(sweepSpace)
      const bytes = swept ? swept.journalBytes + swept.programBytes + swept.logBytes + swept.fileBytes + historyBytes(swept.database) : 0
      setSaid({ text: goesOn ? text.sweeping : bytes ? text.swept(format.bytes(bytes)) : text.sweptNothing, isProblem: false })
    } catch (error) {
      setSaid({ text: (error as Error).message, isProblem: true })
    } finally {
      setSweeping(false)
    }
  }
  const Icon = { ok: CircleCheck, unknown: CircleCheck, low: TriangleAlert, critical: CircleAlert, full: CircleAlert }[disk.state]
  const marks = [disk.lowBytes, disk.criticalBytes].map((bytes) => 100 - (100 * bytes) / Math.max(1, disk.totalBytes))
  return (
    <section className="settings-card" aria-label={text.title} data-testid="health-disk">
      <h3>{text.title}</h3>
      <p className="health-disk" data-state={disk.state}>
        <Icon size={18} aria-hidden />
        <strong>{text.states[disk.state]}</strong>
        <span>
          {text.disk(format.bytes(disk.freeBytes), format.bytes(disk.totalBytes), disk.path)} · {text.used(format.number(used * 100))}
        </span>
      </p>
      <div className="health-bar health-bar-disk" data-state={disk.state} aria-hidden>
        <span style={{ width: `${used * 100}%` }} />
        {marks.map((percent) => (
          <i key={percent} style={{ left: `${percent}%` }} />
        ))}
      </div>
      <p className="settings-dim">{text.marks(format.bytes(disk.lowBytes), format.bytes(disk.criticalBytes))}</p>
      <h4>{text.what}</h4>
      <ul className="settings-list" data-testid="health-spaces">
        {space.spaces.map((each) => (
          <SpaceLine key={each.kind} space={each} rule={space.rule} />
        ))}
      </ul>
      <p className="settings-dim">
        {space.measuredAt === undefined ? text.measuring : text.measured(format.dateTime(space.measuredAt))}
        {space.setBy !== undefined && space.setAt !== undefined && ` ${text.setBy(space.setBy, format.dateTime(space.setAt))}`}
      </p>
      <div role="status">{said && <p className={said.isProblem ? 'settings-problem' : undefined}>{said.text}</p>}</div>
      {mayChange && !isChanging && (
        <div className="settings-actions">
          <Button variant="default" loading={isSweeping} onClick={() => void sweep()} data-testid="sweep">
            {text.sweep}
          </Button>
          <Button variant="default" onClick={() => setChanging(true)} data-testid="change-space">
            {text.change}
          </Button>
        </div>
      )}
      {mayChange && isChanging && <RuleForm space={space} onEnd={() => setChanging(false)} />}
    </section>
  )
}

const historyBytes = (pass: DatabasePass | undefined): number => (pass ? Math.max(0, pass.beforeBytes - pass.afterBytes) : 0)

function SpaceLine({ space: { kind, bytes, countedBytes = bytes, limitBytes, parts = [] }, rule }: { space: SpaceView; rule: SpaceRule }) {
  const text = useHealthText().space
  const format = formats(useLanguage())
  const part = limitBytes ? countedBytes / limitBytes : undefined
  const state = part === undefined ? 'none' : part > 1 ? 'over' : part > 0.9 ? 'near' : 'ok'
  const unusedDays = format.number(rule.programDays)
  const when = {
    ...text.when,
    journals: text.when.journals(format.number(rule.journalDays)),
    programs: text.when.programs(unusedDays),
    files: text.when.files(unusedDays),
    mirror: text.when.mirror(unusedDays),
  }
  const groups: Readonly<Record<string, string>> = text.groups
  const large = parts.filter((each) => each.bytes > 0).toSorted((a, b) => b.bytes - a.bytes)
  return (
    <li>
      <div>
        <div className="health-space">
          <span>{text.kinds[kind]}</span>
          <span className="health-size" data-state={state}>
            {state === 'over' && <TriangleAlert size={14} aria-hidden />}
            {limitBytes === undefined ? format.bytes(bytes) : text.of(format.bytes(countedBytes), format.bytes(limitBytes))}
          </span>
        </div>
        {part !== undefined && (
          <div className="health-bar" data-state={state} aria-hidden>
            <span style={{ width: `${Math.min(100, part * 100)}%` }} />
          </div>
        )}
        {large.length > 1 && (
          <small className="settings-dim">
            {large
              .slice(0, 7)
              .map(({ name, bytes: each }) => `${groups[name] ?? name} ${format.bytes(each)}`)
              .join(' · ')}
          </small>
        )}
        {countedBytes !== bytes && <small className="settings-dim">{text.onDisk(format.bytes(bytes))}</small>}
        <small className="settings-dim">{when[kind]}</small>
      </div>
    </li>
  )
}

function RuleForm({ space, onEnd }: { space: SpaceReport; onEnd: () => void }) {
  const text = useHealthText().space
  const [values, setValues] = useState<Record<keyof SpaceRule, number | string>>(space.rule)
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const isWhole = RULES.every((name) => typeof values[name] === 'number')
  const save = async (rule: SpaceRule | null) => {
    setBusy(true)
    setProblem(undefined)
    try {
      await call(setSpaceRule, { body: { rule, ...reasonOf(reason) } })
      notifications.show({ message: text.saved })
      onEnd()
    } catch (error) {
      setProblem((error as Error).message)
      setBusy(false)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isWhole) void save(values as SpaceRule)
  }
  return (
    <form onSubmit={submit} data-testid="space-rule">
      <div className="settings-fields">
        {RULES.map((name) => (
          <NumberInput
            key={name}
            label={text.rule[name]}
            value={values[name]}
            onChange={(value) => setValues((was) => ({ ...was, [name]: value }))}
            {...BOUNDS[name]}
            allowDecimal={false}
            data-testid={`rule-${name}`}
          />
        ))}
      </div>
      <VersionReason value={reason} onChange={setReason} />
      {problem !== undefined && (
        <p className="settings-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="settings-actions">
        <Button type="submit" loading={isBusy} disabled={!isWhole}>
          {text.save}
        </Button>
        {space.setBy !== undefined && (
          <Button variant="default" onClick={() => void save(null)} disabled={isBusy}>
            {text.usual}
          </Button>
        )}
        <Button variant="subtle" onClick={onEnd}>
          {text.cancel}
        </Button>
      </div>
    </form>
  )
}
