/** Whether the log is whole, how long it is kept, and the ways to take it out. */
import { Button, Modal, NumberInput, Radio } from '@mantine/core'
import { CircleAlert, CircleCheck, Download } from 'lucide-react'
import { useState } from 'react'
import { exportAudit, getAuditState, type AuditState as State, setAuditRetention, verifyAudit } from '../../../server/api/audit.ts'
import { ApiError, call, urlOf } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { reasonOf, VersionReason } from '../../shared/version-reason.tsx'
import { useHistoryText } from '../use-history-text.ts'
import type { AuditQuery } from './query.ts'

const LEAST_DAYS = 30
const USUAL_DAYS = 3650

export function AuditState({ query, onChange }: { query: AuditQuery; onChange: () => void }) {
  const text = useHistoryText()
  const words = text.audit
  const format = formats(useLanguage())
  const { me } = useMe()
  const { value: state, error, refresh } = useLoad('state', () => call(getAuditState))
  const [isVerifying, setVerifying] = useState(false)
  const [problem, setProblem] = useState<string>()
  const [isSetting, setSetting] = useState(false)
  const verify = async () => {
    setVerifying(true)
    setProblem(undefined)
    try {
      await call(verifyAudit, { body: {} })
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure
      setProblem(failure.message)
    } finally {
      setVerifying(false)
      refresh()
    }
  }
  const wrong = error ?? problem
  const isFiltered = Object.keys(query).length > 0
  const verdict = state?.lastVerdict
  return (
    <aside className="audit-state" aria-label={words.chain} data-testid="audit-state">
      <h2>{words.chain}</h2>
      {wrong !== undefined && (
        <p className="history-problem" role="alert">
          {wrong}
        </p>
      )}
      {!state && wrong === undefined && <div className="history-skeleton" aria-hidden />}
      {state && (
        <>
          <p className="history-quiet">{words.chainText}</p>
          <p>
            {words.entries(format.number(state.entries, 0))}
            {state.oldestAt !== undefined && ` ${words.since(format.dateTime(state.oldestAt))}`}
          </p>
          <div aria-live="polite" data-testid="audit-verdict" data-state={verdict ? (verdict.isWhole ? 'whole' : 'broken') : 'unknown'}>
            {!verdict && <p className="history-quiet">{words.notVerified}</p>}
            {verdict?.isWhole && (
              <p className="audit-whole">
                <CircleCheck size={18} aria-hidden /> {words.whole(format.number(verdict.checked, 0), format.dateTime(verdict.at))}
              </p>
            )}
            {verdict?.problem && (
              <div className="history-problem">
                <strong>
                  <CircleAlert size={18} aria-hidden /> {words.broken}
                </strong>
                <p>
                  {words.brokenAt(verdict.problem.seq)}. {words.breaks[verdict.problem.kind]}
                </p>
              </div>
            )}
          </div>
          <Button variant="default" loading={isVerifying} onClick={() => void verify()} data-testid="audit-verify">
            {isVerifying ? words.verifying : words.verify}
          </Button>
          <dl>
            <dt>{words.end}</dt>
            <dd>
              <code>
                {state.head.seq}:{state.head.hash}
              </code>
              <span className="history-quiet">{words.endHint}</span>
            </dd>
            <dt>{words.key}</dt>
            <dd>
              <code>{state.fingerprint}</code>
            </dd>
          </dl>
          <h2>{words.keep}</h2>
          <p data-testid="audit-kept">{state.maxAgeDays === null ? words.keepAll : words.keepDays(format.number(state.maxAgeDays, 0))}</p>
          {state.setBy !== undefined && state.setAt !== undefined && <p className="history-quiet">{words.setBy(state.setBy, format.dateTime(state.setAt))}</p>}
          {state.checkpoints.length > 0 && (
            <details>
              <summary>{words.checkpoints(state.checkpoints.length)}</summary>
              <ul>
                {state.checkpoints.map(({ upTo, removed, at }) => (
                  <li key={upTo}>{words.checkpoint(format.number(removed, 0), upTo, format.dateTime(at))}</li>
                ))}
              </ul>
            </details>
          )}
          {may(me, 'audit.keep') && (
            <Button variant="default" size="compact-sm" onClick={() => setSetting(true)} data-testid="audit-keep">
              {words.keepChange}
            </Button>
          )}
          <h2>{words.export}</h2>
          <p className="history-quiet">{isFiltered ? words.exportFiltered : words.exportAll}</p>
          <div className="audit-exports">
            {(['jsonl', 'csv'] as const).map((format) => (
              <Button
                key={format}
                component="a"
                variant="default"
                size="compact-sm"
                leftSection={<Download size={14} aria-hidden />}
                href={urlOf(exportAudit.path, { query: { ...query, format } })}
                download={`audit.${format}`}
                data-testid={`audit-${format}`}
              >
                {format === 'csv' ? words.exportCsv : words.exportJson}
              </Button>
            ))}
          </div>
          <p className="history-quiet">{words.verifyHint}</p>
          {isSetting && (
            <Keep
              state={state}
              onClose={() => setSetting(false)}
              onDone={() => {
                setSetting(false)
                refresh()
                onChange()
              }}
            />
          )}
        </>
      )}
    </aside>
  )
}

function Keep({ state, onClose, onDone }: { state: State; onClose: () => void; onDone: () => void }) {
  const text = useHistoryText()
  const words = text.audit
  const [isAll, setAll] = useState(state.maxAgeDays === null)
  const [days, setDays] = useState<number | string>(state.maxAgeDays ?? USUAL_DAYS)
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string>()
  const isRight = isAll || (typeof days === 'number' && days >= LEAST_DAYS)
  const keep = async () => {
    try {
      await call(setAuditRetention, { body: { maxAgeDays: isAll ? null : Number(days), ...reasonOf(reason) } })
      onDone()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error.message)
    }
  }
  return (
    <Modal opened onClose={onClose} title={words.keepTitle} closeButtonProps={{ 'aria-label': text.close }}>
      <Radio.Group value={isAll ? 'all' : 'days'} onChange={(value) => setAll(value === 'all')} aria-label={words.keepTitle}>
        <div className="audit-choices">
          <Radio value="all" label={words.keepEverything} />
          <Radio value="days" label={words.keepFor} data-testid="keep-days" />
        </div>
      </Radio.Group>
      {!isAll && (
        <>
          <NumberInput
            aria-label={words.keepFor}
            value={days}
            onChange={setDays}
            min={LEAST_DAYS}
            max={36_500}
            allowDecimal={false}
            data-testid="keep-number"
          />
          <p className="history-warn">{words.keepWarn}</p>
        </>
      )}
      <VersionReason value={reason} onChange={setReason} />
      {problem !== undefined && (
        <p className="history-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="history-buttons">
        <Button variant="default" onClick={onClose}>
          {text.cancel}
        </Button>
        <Button disabled={!isRight} onClick={() => void keep()} data-testid="keep-now">
          {words.keepNow}
        </Button>
      </div>
    </Modal>
  )
}
