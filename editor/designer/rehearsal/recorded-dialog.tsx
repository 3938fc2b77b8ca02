/** Chooses something that a node really sent in an earlier run: with its time, its run, and what it was. */
import { Button, Modal } from '@mantine/core'
import { Pin } from 'lucide-react'
import { useCallback, useEffect, useState } from 'react'
import { listRecorded, type Recorded } from '../../../server/api/flow-tests.ts'
import { call } from '../../shared/api.ts'
import { formats } from '../../shared/text/index.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { errorWords, useFindingText } from '../deploy/finding-words.ts'
import { useHost } from '../host/use-host.ts'
import { wiresOf } from '../model/raw.ts'
import { Tree } from './result-view.tsx'
import { nodeName, portText } from './result-words.ts'
import { useRehearsalText } from './text.ts'

interface Props {
  nodeId: string
  onTake: (recorded: Recorded) => void
  /** Offered where there is nothing, or nothing that fits. */
  onGive?: () => void
  onClose: () => void
}

export function RecordedDialog({ nodeId, onTake, onGive, onClose }: Props) {
  const text = useRehearsalText()
  const common = useCommonText()
  const findings = useFindingText()
  const { workspace } = useHost()
  const format = formats()
  const [found, setFound] = useState<readonly Recorded[]>()
  const [before, setBefore] = useState<string>()
  const [isLooking, setLooking] = useState(false)
  const [failure, setFailure] = useState<string>()
  const look = useCallback(
    async (from: string | undefined) => {
      setLooking(true)
      try {
        const page = await call(listRecorded, { params: { nodeId }, query: { limit: 10, ...(from === undefined ? {} : { before: from }) } })
        setFound((known) => [...(from === undefined ? [] : (known ?? [])), ...page.recorded])
        setBefore(page.before)
      } catch (error) {
        setFailure(errorWords(findings, error))
      }
      setLooking(false)
    },
    [nodeId, findings],
  )
  useEffect(() => void look(undefined), [look])
  const name = nodeName(workspace, nodeId)
  const node = workspace.model.get(nodeId)
  const outputs = node ? wiresOf(node).length : 0
  return (
    <Modal opened onClose={onClose} size="lg" title={text.recorded.title(name)} closeButtonProps={{ 'aria-label': common.close }}>
      <div className="form" data-testid="rehearsal-recorded">
        <p className="form-help">{text.recorded.help}</p>
        {failure !== undefined && (
          <p className="form-error" role="alert">
            {failure}
          </p>
        )}
        {found === undefined && failure === undefined && <div className="rehearsal-skeleton" role="status" aria-label={text.recorded.looking} />}
        {found?.length === 0 && (
          <div className="rehearsal-teach">
            <strong>{text.recorded.none}</strong>
            <span>{before === undefined ? text.recorded.noneText : text.recorded.noneYet}</span>
          </div>
        )}
        <ul className="rehearsal-list">
          {found?.map((one) => {
            const isCut = one.leftOut.includes('payload')
            return (
              <li key={`${one.runId} ${one.seq}`} className="rehearsal-recorded" data-testid="rehearsal-recorded-one">
                <div className="rehearsal-head">
                  <span>
                    <strong>{format.dateTime(one.at)}</strong>{' '}
                    {outputs > 1 && <span className="rehearsal-dim">{portText(workspace, nodeId, one.output, text)}</span>}
                    {one.isPinned && (
                      <span className="rehearsal-dim">
                        {' '}
                        <Pin size={13} aria-hidden /> {text.recorded.pinned}
                      </span>
                    )}
                  </span>
                  <span className="rehearsal-buttons">
                    <a href={`/runs#${one.runId}`} target="_blank" rel="noreferrer">
                      {text.recorded.run}
                    </a>
                    <Button size="compact-sm" disabled={isCut} onClick={() => onTake(one)} data-testid="rehearsal-take">
                      {text.recorded.take}
                    </Button>
                  </span>
                </div>
                {one.leftOut.length > 0 && <p className="form-help">{isCut ? text.recorded.cut : text.recorded.leftOut(one.leftOut.join(', '))}</p>}
                <Tree value={one.value} path="msg" />
              </li>
            )
          })}
        </ul>
        {onGive && (
          <Button variant="subtle" onClick={onGive} data-testid="rehearsal-give-instead">
            {text.recorded.give}
          </Button>
        )}
        {before !== undefined && (
          <Button variant="default" loading={isLooking} onClick={() => void look(before)}>
            {text.recorded.further}
          </Button>
        )}
      </div>
    </Modal>
  )
}
