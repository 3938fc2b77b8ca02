/** How long what has happened is kept: runs, jobs, the audit log. Each is set where it belongs; here they stand together. */
import '../people/people.css'
import './shop.css'
import { Button, NumberInput, Radio } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { getAuditState } from '../../../server/api/audit.ts'
import { getRetention } from '../../../server/api/runs.ts'
import { changeSetting, listSettings } from '../../../server/api/settings.ts'
import { RetentionDialog } from '../../runs/retention-dialog.tsx'
import { call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { useLoad } from '../../shared/use-load.ts'
import { NotRead } from '../not-read.tsx'
import { useShopText } from './words.ts'

const MB = 1e6

export function RecordsSection() {
  const text = useShopText().records
  const { me } = useMe()
  const mayManage = may(me, 'system.manage')
  return (
    <>
      <p className="settings-dim">{text.intro}</p>
      {may(me, 'runs.view') && <Runs mayManage={mayManage} />}
      <Jobs mayManage={mayManage} />
      {may(me, 'audit.view') && <AuditLog mayKeep={may(me, 'audit.keep')} />}
    </>
  )
}

function Runs({ mayManage }: { mayManage: boolean }) {
  const all = useShopText()
  const text = all.records
  const format = formats(useLanguage())
  const [isOpen, setOpen] = useState(false)
  const { value, error, refresh } = useLoad('run-retention', () => call(getRetention))
  if (!value) return <NotRead error={error} onAgain={refresh} words={all} />
  const { limits, holds, setBy } = value
  return (
    <section className="settings-card" aria-labelledby="records-runs">
      <div className="settings-head">
        <div>
          <h3 id="records-runs">{text.runs}</h3>
          <p>{text.runsKept(text.days(format.number(limits.maxAgeDays)), format.number(limits.maxRuns), format.bytes(limits.maxMb * MB))}</p>
          <p className="settings-dim">{text.runsHold(format.number(holds.runs), format.bytes((holds.mb + holds.messageMb) * MB))}</p>
          {!setBy && <p className="settings-dim">{text.variables('CELLWRIGHT_RUNS_DAYS, CELLWRIGHT_RUNS_COUNT, CELLWRIGHT_RUNS_MB')}</p>}
        </div>
        <Button variant="default" onClick={() => setOpen(true)} data-testid="records-runs">
          {mayManage ? text.change : text.look}
        </Button>
      </div>
      {isOpen && (
        <RetentionDialog
          onClose={() => {
            setOpen(false)
            refresh()
          }}
        />
      )}
    </section>
  )
}

function Jobs({ mayManage }: { mayManage: boolean }) {
  const text = useShopText()
  const { value, error, refresh } = useLoad('settings', () => call(listSettings))
  if (!value) return <NotRead error={error} onAgain={refresh} words={text} />
  const days = value.find(({ name }) => name === 'jobDays')?.value
  return <JobsForm key={String(days)} days={typeof days === 'number' ? days : null} mayManage={mayManage} onSaved={refresh} />
}

function JobsForm({ days, mayManage, onSaved }: { days: number | null; mayManage: boolean; onSaved: () => void }) {
  const all = useShopText()
  const text = all.records
  const [isOwn, setOwn] = useState(days !== null)
  const [typed, setTyped] = useState<number | string>(days ?? 90)
  const { isBusy, problem, run } = useDoing()
  const wanted = isOwn ? Number(typed) : null
  const isGood = wanted === null || (Number.isInteger(wanted) && wanted >= 1 && wanted <= 3650)
  const save = () =>
    run(async () => {
      await call(changeSetting, { params: { name: 'jobDays' }, body: wanted === null ? {} : { value: wanted } })
      notifications.show({ message: all.records.jobs })
      onSaved()
    })
  return (
    <section className="settings-card" aria-labelledby="records-jobs">
      <h3 id="records-jobs">{text.jobs}</h3>
      <p className="settings-dim">{text.jobsHint}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <Radio.Group aria-label={text.jobs} value={isOwn ? 'own' : 'usual'} onChange={(value) => setOwn(value === 'own')}>
          <div className="people-ways">
            <Radio value="usual" label={text.jobsUsual} disabled={!mayManage} />
            <Radio value="own" label={text.jobsOwn} disabled={!mayManage} data-testid="job-days-own" />
          </div>
        </Radio.Group>
        {isOwn && (
          <NumberInput
            label={text.jobsField}
            value={typed}
            min={1}
            max={3650}
            allowDecimal={false}
            disabled={!mayManage}
            onChange={setTyped}
            data-testid="job-days"
          />
        )}
        {problem && (
          <p className="settings-problem" role="alert">
            {problem}
          </p>
        )}
        {mayManage && (
          <Button type="submit" loading={isBusy} disabled={!isGood || wanted === days} data-testid="save-job-days">
            {text.save}
          </Button>
        )}
      </form>
    </section>
  )
}

function AuditLog({ mayKeep }: { mayKeep: boolean }) {
  const all = useShopText()
  const text = all.records
  const format = formats(useLanguage())
  const { value, error, refresh } = useLoad('audit', () => call(getAuditState))
  if (!value) return <NotRead error={error} onAgain={refresh} words={all} />
  return (
    <section className="settings-card" aria-labelledby="records-audit">
      <div className="settings-head">
        <div>
          <h3 id="records-audit">{text.audit}</h3>
          <p>{value.maxAgeDays === null ? text.all : text.days(format.number(value.maxAgeDays))}</p>
          <p className="settings-dim">
            {text.auditHolds(format.number(value.entries))} {text.auditHint}
          </p>
        </div>
        <Button component="a" href="/history#audit" variant="default">
          {mayKeep ? text.change : text.look}
        </Button>
      </div>
    </section>
  )
}
