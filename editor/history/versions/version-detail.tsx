/** One version: what it changed against any other, its label, and the way back to it. */
import { Button, Select, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { ArrowLeft, RotateCcw } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import type { FlowNode } from '../../../server/api/flows.ts'
import { getHistoryEntry, labelVersion, listHistory, restoreVersion, type VersionEntry } from '../../../server/api/versions.ts'
import { ApiError, call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { reasonOf } from '../../shared/version-reason.tsx'
import { hashOf } from '../address.ts'
import { JsonChanges } from '../changes/json-changes.tsx'
import { ReasonDialog } from '../reason-dialog.tsx'
import { useHistoryText } from '../use-history-text.ts'
import { Marks, titleOf } from './version-words.tsx'

// the canvas is large, and settings need none
const FlowChanges = lazy(() => import('../changes/flow-changes.tsx'))
const MOST = 200
const BEFORE = 'before'

export function VersionDetail({ id, onBack, onChange }: { id: string; onBack: () => void; onChange: () => void }) {
  const text = useHistoryText()
  const words = text.versions
  const format = formats(useLanguage())
  const [against, setAgainst] = useState(BEFORE)
  const [isAsking, setAsking] = useState(false)
  const { value: entry, error, refresh } = useLoad(id, () => call(getHistoryEntry, { params: { versionId: id } }))
  const version = entry?.version
  const subject = version && `${version.kind} ${version.subject}`
  const others = useLoad(subject, () => call(listHistory, { query: { kind: version?.kind, subject: version?.subject, limit: MOST } as never }))
  const other = useLoad(against === BEFORE ? undefined : against, () => call(getHistoryEntry, { params: { versionId: against } }))
  const changed = () => {
    refresh()
    onChange()
  }
  const older = against === BEFORE ? entry?.before : other.value && { ...other.value.version, content: other.value.content }
  const isWaiting = against !== BEFORE && !other.value
  return (
    <section className="history-detail" aria-label={version ? titleOf(version, text) : words.list} data-testid="version">
      <Button className="history-back" variant="subtle" size="compact-sm" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={onBack}>
        {text.back}
      </Button>
      {error !== undefined && (
        <p className="history-problem" role="alert">
          {error}
        </p>
      )}
      {!version && error === undefined && <div className="history-skeleton" aria-hidden />}
      {version && entry && (
        <>
          <header>
            <h2>
              {titleOf(version, text)} <em>{words.number(version.number)}</em>
            </h2>
            <span className="history-badges">
              <Marks version={version} />
            </span>
            <p>
              {version.author} · <time dateTime={version.at}>{format.dateTime(version.at)}</time>
              {version.approvedBy !== undefined && ` · ${words.approvedBy(version.approvedBy)}`}
              {version.restoredFrom !== undefined && ` · ${words.restores}`}
            </p>
            <p data-testid="version-reason">{version.reason ?? <span className="history-quiet">{words.noReason}</span>}</p>
            {version.text !== undefined && <p className="history-warn">{version.text}</p>}
          </header>
          <div className="history-acts">
            {version.mayRestore && <Label version={version} onChange={changed} />}
            {!version.isCurrent && version.mayRestore && (
              <Button variant="default" leftSection={<RotateCcw size={16} aria-hidden />} onClick={() => setAsking(true)} data-testid="restore">
                {words.restore}
              </Button>
            )}
          </div>
          <div className="history-compare">
            <h3>{words.changes}</h3>
            <Select
              size="xs"
              label={words.compareWith}
              data={[
                { value: BEFORE, label: words.before },
                ...(others.value ?? [])
                  .filter((one) => one.id !== id)
                  .map((one) => ({ value: one.id, label: `${words.number(one.number)} · ${format.dateTime(one.at)}${one.label ? ` · ${one.label}` : ''}` })),
              ]}
              value={against}
              onChange={(value) => setAgainst(value ?? BEFORE)}
              allowDeselect={false}
              searchable
              comboboxProps={{ width: 320, position: 'bottom-end' }}
              data-testid="compare-with"
            />
          </div>
          {version.changes && against === BEFORE && (
            <p className="history-quiet">{words.counts(version.changes.added, version.changes.removed, version.changes.changed)}</p>
          )}
          {!older && !isWaiting && <p className="history-note">{words.first}</p>}
          {isWaiting ? (
            <div className="history-skeleton" aria-hidden />
          ) : version.kind === 'flow' ? (
            <Suspense fallback={<div className="history-skeleton" aria-hidden />}>
              <FlowChanges before={(older?.content ?? []) as FlowNode[]} after={entry.content as FlowNode[]} />
            </Suspense>
          ) : (
            <JsonChanges before={older?.content ?? {}} after={entry.content ?? words.removed} />
          )}
          {isAsking && <Restore version={version} onClose={() => setAsking(false)} onDone={changed} />}
        </>
      )}
    </section>
  )
}

function Label({ version, onChange }: { version: VersionEntry; onChange: () => void }) {
  const words = useHistoryText().versions
  const [typed, setTyped] = useState(version.label ?? '')
  const [error, setError] = useState<string>()
  const save = async () => {
    try {
      await call(labelVersion, { params: { versionId: version.id }, body: { label: typed } })
      setError(undefined)
      onChange()
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem
      setError(problem.message)
    }
  }
  const isChanged = typed.trim() !== (version.label ?? '')
  return (
    <form
      className="history-label"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <TextInput
        size="xs"
        label={words.label}
        placeholder={words.labelHint}
        maxLength={60}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        error={error}
        data-testid="label"
      />
      <Button size="xs" variant="default" type="submit" disabled={!isChanged} data-testid="save-label">
        {words.saveLabel}
      </Button>
    </form>
  )
}

function Restore({ version, onClose, onDone }: { version: VersionEntry; onClose: () => void; onDone: () => void }) {
  const text = useHistoryText()
  const words = text.versions
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ApiError>()
  const restore = async (reason: string) => {
    setBusy(true)
    setProblem(undefined)
    try {
      await call(restoreVersion, { params: { versionId: version.id }, body: reasonOf(reason) })
      notifications.show({ message: words.restored(version.number) })
      onClose()
      onDone()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error)
      setBusy(false)
    }
  }
  const { requestId } = (problem?.details ?? {}) as { requestId?: string }
  return (
    <ReasonDialog
      testId="restore"
      title={words.restoreTitle(version.number)}
      says={version.kind === 'flow' ? words.restoreFlows : words.restoreOther}
      isNeeded={false}
      does={words.restoreNow}
      isBusy={isBusy}
      problem={
        problem && (
          <p className={problem.code === 'change-requested' ? 'history-warn' : 'history-problem'} role="alert" data-testid="restore-problem">
            {problem.message} {requestId !== undefined && <a href={`#${hashOf('requests', requestId)}`}>{text.tabs.requests}</a>}
          </p>
        )
      }
      onClose={onClose}
      onConfirm={(reason) => void restore(reason)}
    />
  )
}
