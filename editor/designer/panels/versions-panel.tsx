/** Every deploy, newest first. Reading only: going back to one is a later step. */
import { Badge, Button, Skeleton } from '@mantine/core'
import { useEffect, useState } from 'react'
import { type FlowVersion, getVersion, listVersions } from '../../../server/api/flows.ts'
import { ApiError, call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { DiffList } from '../deploy/diff-list.tsx'
import { byId, diffFlows, type NodeDiff } from '../model/diff.ts'
import type { FlowNode } from '../model/raw.ts'
import { useDesignerText } from '../text.ts'
import { useSession } from '../use-session.ts'
import { Panel } from './panel.tsx'

export function VersionsPanel({ onClose }: { onClose: () => void }) {
  const text = useDesignerText()
  const common = useCommonText()
  const { deploy } = useSession()
  const [versions, setVersions] = useState<FlowVersion[]>()
  const [error, setError] = useState<string>()
  const [tries, setTries] = useState(0)
  const deployed = deploy.is === 'done' || deploy.is === 'failed' ? deploy : undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: a deploy and a retry ask again
  useEffect(() => {
    let isGone = false
    call(listVersions, { query: { limit: 100 } }).then(
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
  }, [deployed, tries])
  return (
    <Panel title={text.versions.title} note={text.versions.text} onClose={onClose}>
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
      <ol className="version-list">
        {versions?.map((version, index) => (
          <Version
            key={version.id}
            version={version}
            before={versions[index + 1]}
            isRunning={version.id === versions.find((one) => one.state !== 'failed')?.id}
          />
        ))}
      </ol>
    </Panel>
  )
}

function Version({ version, before, isRunning }: { version: FlowVersion; before: FlowVersion | undefined; isRunning: boolean }) {
  const text = useDesignerText()
  const format = formats(useLanguage())
  const [diff, setDiff] = useState<NodeDiff[]>()
  const { added, changed, removed } = version.changes
  const [error, setError] = useState<string>()
  const look = async () => {
    if (diff) {
      setDiff(undefined)
      return
    }
    try {
      const now = await call(getVersion, { params: { versionId: version.id } })
      const then = before && (await call(getVersion, { params: { versionId: before.id } }))
      setDiff(diffFlows(byId((then?.flows ?? []) as FlowNode[]), byId(now.flows as FlowNode[])))
      setError(undefined)
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem
      setError(problem.message)
    }
  }
  return (
    <li data-state={version.state}>
      <div className="version-head">
        <time dateTime={version.at}>{format.dateTime(version.at)}</time>
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
      <strong>{version.author}</strong>
      {version.comment && <p>{version.comment}</p>}
      {version.text && <p className="version-text">{version.text}</p>}
      <Button variant="subtle" color="gray" size="compact-sm" onClick={() => void look()} aria-expanded={diff !== undefined}>
        {text.versions.changes(added, changed, removed)}
      </Button>
      {error !== undefined && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
      {diff && <DiffList diff={diff} />}
    </li>
  )
}
