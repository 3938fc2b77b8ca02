/** How much of the history is kept, and how much there is: whatever limit is reached first counts. */
import { Button, Modal, NumberInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type FormEvent, useEffect, useState } from 'react'
import { getRetention, type RetentionLimits, type RetentionView, setRetention } from '../../server/api/runs.ts'
import { call } from '../shared/api.ts'
import { may, useMe } from '../shared/me.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { reasonOf, VersionReason } from '../shared/version-reason.tsx'
import { useRunsText } from './use-runs-text.ts'

type Limit = keyof RetentionLimits
/** As the API bounds them. */
const BOUNDS: Record<Limit, { min: number; max: number }> = {
  maxAgeDays: { min: 1, max: 3650 },
  maxRuns: { min: 100, max: 10_000_000 },
  maxMb: { min: 10, max: 1_000_000 },
  maxMessageMb: { min: 0, max: 1_000_000 },
}
const LIMITS = Object.keys(BOUNDS) as Limit[]

export function RetentionDialog({ onClose }: { onClose: () => void }) {
  const text = useRunsText()
  const { me } = useMe()
  const [view, setView] = useState<RetentionView>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    const leaving = new AbortController()
    call(getRetention, { signal: leaving.signal }).then(setView, (error: Error) => leaving.signal.aborted || setProblem(error.message))
    return () => leaving.abort()
  }, [])
  const save = async (limits: RetentionLimits | null, reason: string) => {
    setProblem(undefined)
    try {
      setView(await call(setRetention, { body: { limits, ...reasonOf(reason) } }))
      notifications.show({ message: text.keep.saved })
      onClose()
    } catch (error) {
      setProblem((error as Error).message)
    }
  }
  return (
    <Modal opened onClose={onClose} title={text.keep.title} closeButtonProps={{ 'aria-label': text.cancel }} data-testid="retention-dialog">
      {problem && (
        <p className="list-problem" role="alert">
          {problem}
        </p>
      )}
      {!view && !problem && <div className="list-skeleton" aria-hidden />}
      {view && <Holds view={view} />}
      {view && <LimitsForm key={JSON.stringify(view.limits)} view={view} mayChange={may(me, 'system.manage')} onSave={save} />}
    </Modal>
  )
}

function Holds({ view: { holds, setBy, setAt } }: { view: RetentionView }) {
  const text = useRunsText()
  const format = formats(useLanguage())
  return (
    <>
      <p data-testid="retention-holds">
        {text.keep.holds(format.number(holds.runs), format.bytes(holds.mb * 1e6), format.bytes(holds.messageMb * 1e6))}
        {holds.oldestAt !== undefined && ` ${text.keep.oldest(format.dateTime(holds.oldestAt))}`}
      </p>
      <p className="list-note">{setBy === undefined || setAt === undefined ? text.keep.usual : text.keep.setBy(setBy, format.dateTime(setAt))}</p>
    </>
  )
}

function LimitsForm({
  view,
  mayChange,
  onSave,
}: {
  view: RetentionView
  mayChange: boolean
  onSave: (limits: RetentionLimits | null, reason: string) => Promise<void>
}) {
  const text = useRunsText()
  const [reason, setReason] = useState('')
  const [limits, setLimits] = useState<Record<Limit, number | string>>(view.limits)
  const isWhole = LIMITS.every((limit) => typeof limits[limit] === 'number')
  const isLess = LIMITS.some((limit) => Number(limits[limit]) < view.limits[limit])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isWhole) void onSave(limits as RetentionLimits, reason)
  }
  return (
    <form className="runs-keep" onSubmit={submit}>
      <p>{text.keep.says}</p>
      {LIMITS.map((limit) => (
        <NumberInput
          key={limit}
          label={text.keep.limits[limit]}
          value={limits[limit]}
          onChange={(value) => setLimits((was) => ({ ...was, [limit]: value }))}
          {...BOUNDS[limit]}
          allowDecimal={false}
          disabled={!mayChange}
          data-testid={`keep-${limit}`}
        />
      ))}
      {isLess && <p role="status">{text.keep.removes}</p>}
      {mayChange && <VersionReason value={reason} onChange={setReason} />}
      {mayChange ? (
        <div className="runs-keep-actions">
          {view.setBy !== undefined && (
            <Button variant="default" onClick={() => void onSave(null, reason)} data-testid="keep-usual">
              {text.keep.back}
            </Button>
          )}
          <Button type="submit" disabled={!isWhole} data-testid="keep-save">
            {text.keep.save}
          </Button>
        </div>
      ) : (
        <p className="list-note">{text.keep.mayNot}</p>
      )}
    </form>
  )
}
