/** The draft and every deploy: who, when and why, what changed, and the way back to any of them. */
import { Badge, Button, Skeleton, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useEffect, useState } from 'react'
import { commentVersion, type FlowVersion, getVersion, listVersions } from '../../../server/api/flows.ts'
import { ApiError, call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { useComparison } from '../deploy/compare-bar.tsx'
import { versionSide } from '../deploy/compare-sides.tsx'
import { DiffList } from '../deploy/diff-list.tsx'
import { errorWords, useFindingText } from '../deploy/finding-words.ts'
import { useDeployText } from '../deploy/text.ts'
import { byId, diffFlows, type NodeDiff } from '../model/diff.ts'
import type { FlowNode } from '../model/raw.ts'
import { useDesignerText } from '../text.ts'
import { useSession } from '../use-session.ts'
import { useWorkspace } from '../use-workspace.ts'
import { Panel } from './panel.tsx'

const PAGE = 50
const MOST = 500

export function VersionsPanel({ onClose }: { onClose: () => void }) {
  const text = useDesignerText()
  const words = useDeployText().versions
  const common = useCommonText()
  const { deploy, progress } = useSession()
  const [versions, setVersions] = useState<FlowVersion[]>()
  const [error, setError] = useState<string>()
  const [tries, setTries] = useState(0)
  const [limit, setLimit] = useState(PAGE)
  const [search, setSearch] = useState('')
  const deployed = deploy.is === 'done' || deploy.is === 'failed' ? deploy : undefined
  const settled = progress && ['running', 'undone'].includes(progress.stage) ? progress.at : undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: a deploy, ours or another's, and a retry ask again
  useEffect(() => {
    let isGone = false
    call(listVersions, { query: { limit } }).then(
      (found) => {
        if (isGone) return
        setVersions(found)
        setError(undefined)
      },
      (problem: ApiError) => isGone || setError(problem.message),
    )
    return () => {
      isGone = true
    }
  }, [deployed, settled, tries, limit])
  const wanted = search.trim().toLowerCase()
  const shown = versions?.filter(({ author, comment = '', text: said = '' }) => `${author} ${comment} ${said}`.toLowerCase().includes(wanted))
  return (
    <Panel title={words.title} note={words.text} onClose={onClose}>
      <DraftCard />
      {versions && versions.length > 5 && (
        <TextInput
          aria-label={words.filter}
          placeholder={words.filter}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          mb={8}
          data-testid="versions-filter"
        />
      )}
      {error !== undefined && (
        <div className="panel-empty" role="alert">
          <strong>{text.versions.failed}</strong>
          <span>{error}</span>
          <Button variant="default" onClick={() => setTries(tries + 1)}>
            {common.retry}
          </Button>
        </div>
      )}
      {!versions && error === undefined && ['a', 'b', 'c', 'd'].map((key) => <Skeleton key={key} height={68} radius="sm" mb={8} />)}
      {versions?.length === 0 && <p className="panel-empty">{text.versions.none}</p>}
      {versions && versions.length > 0 && shown?.length === 0 && <p className="panel-empty">{words.none}</p>}
      <ol className="version-list">
        {shown?.map((version) => (
          <Version
            key={version.id}
            version={version}
            before={versions?.[versions.indexOf(version) + 1]}
            isRunning={version.id === versions?.find((one) => one.state !== 'failed')?.id}
            onChange={(next) => setVersions((list) => list?.map((one) => (one.id === next.id ? next : one)))}
          />
        ))}
      </ol>
      {versions && versions.length >= limit && limit < MOST && (
        <Button variant="default" fullWidth mt={8} onClick={() => setLimit(Math.min(MOST, limit * 3))}>
          {words.older}
        </Button>
      )}
    </Panel>
  )
}

function DraftCard() {
  const words = useDeployText()
  const session = useSession()
  const { model } = useWorkspace('model')
  const comparison = useComparison()
  const [isOpen, setOpen] = useState(false)
  const count = model.dirty.size
  const workspace = useWorkspace()
  return (
    <section className="draft-card" data-testid="draft-card">
      <strong>{words.versions.draft}</strong>
      <p>{words.versions.draftText(count)}</p>
      {count > 0 && (
        <>
          <div className="version-actions">
            <Button variant="default" size="compact-sm" onClick={() => comparison.begin({ is: 'running' })} data-testid="draft-card-compare">
              {words.actions.compare}
            </Button>
            <Button variant="subtle" color="gray" size="compact-sm" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)} data-testid="draft-card-list">
              {words.review.changes(count)}
            </Button>
            <Button variant="subtle" color="gray" size="compact-sm" onClick={() => session.discard()}>
              {words.draft.discard}
            </Button>
          </div>
          {isOpen && <DiffList diff={diffFlows(model.deployed(), byId(model.export()))} before={model.deployed()} onShow={({ id }) => workspace.reveal(id)} />}
        </>
      )}
    </section>
  )
}

interface Opened {
  diff: NodeDiff[]
  before: ReadonlyMap<string, FlowNode>
}

function Version({
  version,
  before,
  isRunning,
  onChange,
}: {
  version: FlowVersion
  before: FlowVersion | undefined
  isRunning: boolean
  onChange: (version: FlowVersion) => void
}) {
  const text = useDesignerText()
  const words = useDeployText().versions
  const findings = useFindingText()
  const format = formats(useLanguage())
  const session = useSession()
  const workspace = useWorkspace()
  const { me } = useMe()
  const [opened, setOpened] = useState<Opened>()
  const [writing, setWriting] = useState<string>()
  const [error, setError] = useState<string>()
  const { added, changed, removed } = version.changes
  const when = format.dateTime(version.at)
  const trying = async (work: () => Promise<void>) => {
    try {
      await work()
      setError(undefined)
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem
      setError(errorWords(findings, problem))
    }
  }
  const flowsOf = async (id: string) => (await call(getVersion, { params: { versionId: id } })).flows as FlowNode[]
  const look = () =>
    trying(async () => {
      if (opened) return setOpened(undefined)
      const [now, then] = await Promise.all([flowsOf(version.id), before ? flowsOf(before.id) : []])
      setOpened({ diff: diffFlows(byId(then), byId(now)), before: byId(then) })
    })
  const compare = () => trying(async () => session.comparison.begin(await versionSide(version)))
  /** This version beside the one before it. */
  const drawChanges = () =>
    trying(async () => {
      if (before) session.comparison.begin(await versionSide(before), await versionSide(version))
    })
  const restore = () =>
    trying(async () => {
      session.restore(await flowsOf(version.id), words.reason(when))
      session.comparison.begin({ is: 'running' })
      notifications.show({ message: words.restored(when), autoClose: 8_000 })
    })
  const download = () =>
    trying(async () => {
      const url = URL.createObjectURL(new Blob([JSON.stringify(await flowsOf(version.id), null, 2)], { type: 'application/json' }))
      Object.assign(document.createElement('a'), { href: url, download: `flows-${version.at.slice(0, 19).replaceAll(':', '-')}.json` }).click()
      setTimeout(() => URL.revokeObjectURL(url), 10_000)
    })
  const save = () =>
    trying(async () => {
      if (writing === undefined) return
      onChange(await call(commentVersion, { params: { versionId: version.id }, body: { comment: writing } }))
      setWriting(undefined)
    })
  return (
    <li data-state={version.state} data-testid={`version-${version.id}`}>
      <div className="version-head">
        <time dateTime={version.at}>{when}</time>
        {isRunning ? (
          <Badge color="gray" variant="light">
            {text.versions.running}
          </Badge>
        ) : (
          version.state !== 'deployed' && (
            <Badge color={version.state === 'failed' ? 'red' : 'gray'} variant="light">
              {text.versions.states[version.state]}
            </Badge>
          )
        )}
      </div>
      <strong>
        {version.author} <em>{words.kinds[version.kind] ?? version.kind}</em>
      </strong>
      {writing === undefined ? (
        <p className="version-why">
          {version.comment}{' '}
          {may(me, 'flows.deploy') && (
            <Button variant="subtle" size="compact-xs" onClick={() => setWriting(version.comment ?? '')} data-testid={`why-${version.id}`}>
              {version.comment ? words.changeWhy : words.why}
            </Button>
          )}
        </p>
      ) : (
        <form
          className="version-writing"
          onSubmit={(event) => {
            event.preventDefault()
            void save()
          }}
        >
          <Textarea
            aria-label={words.why}
            value={writing}
            onChange={(event) => setWriting(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void save()
              if (event.key === 'Escape') {
                event.stopPropagation()
                setWriting(undefined)
              }
            }}
            maxLength={500}
            autosize
            autoFocus
          />
          <div className="version-actions">
            <Button size="compact-sm" type="submit" data-testid={`why-save-${version.id}`}>
              {words.save}
            </Button>
            <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setWriting(undefined)}>
              {words.cancel}
            </Button>
          </div>
        </form>
      )}
      {version.text && <p className="version-text">{version.text}</p>}
      <section className="version-actions" aria-label={words.actions(when)}>
        <Button variant="subtle" color="gray" size="compact-sm" onClick={() => void look()} aria-expanded={opened !== undefined} title={words.before}>
          {text.versions.changes(added, changed, removed)}
        </Button>
        <Button variant="subtle" color="gray" size="compact-sm" onClick={() => void compare()} data-testid={`compare-${version.id}`}>
          {words.compare}
        </Button>
        {!isRunning && (
          <Button variant="subtle" color="gray" size="compact-sm" onClick={() => void restore()} data-testid={`restore-${version.id}`}>
            {words.restore}
          </Button>
        )}
        <Button variant="subtle" color="gray" size="compact-sm" onClick={() => void download()}>
          {words.download}
        </Button>
      </section>
      {error !== undefined && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
      {opened && (
        <>
          {before && opened.diff.length > 0 && (
            <Button variant="default" size="compact-sm" onClick={() => void drawChanges()} data-testid={`changed-${version.id}`}>
              {words.onCanvas}
            </Button>
          )}
          <DiffList diff={opened.diff} before={opened.before} onShow={({ id }) => workspace.reveal(id)} />
        </>
      )}
    </li>
  )
}
