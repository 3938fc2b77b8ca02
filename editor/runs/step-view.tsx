/** One step: what it was given, what it sent, why it failed, and what can be done from here. */
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { Pin, PinOff, RotateCcw } from 'lucide-react'
import { useCallback, useMemo } from 'react'
import type { Me } from '../../server/api/people.ts'
import { pinStep, type RunPin, type StepMessage, unpinStep } from '../../server/api/runs.ts'
import { cutsByPath } from '../designer/live/last-messages.ts'
import { ValueTree } from '../designer/panels/value-tree.tsx'
import { call } from '../shared/api.ts'
import { may } from '../shared/me.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { type Hop, nameOf, type Step } from './steps.ts'
import { useMessages } from './use-messages.ts'
import { useDurations, useRunsText } from './use-runs-text.ts'

const OPEN: ReadonlySet<string> = new Set(['msg.payload'])
const MOST_OUTPUTS = 10

export interface StepViewProps {
  runId: string
  step: Step
  me: Me | undefined
  pins: readonly RunPin[]
  onPinned: () => void
  onRetry: () => void
}

export function StepView({ runId, step, me, pins, onPinned, onRetry }: StepViewProps) {
  const text = useRunsText()
  const format = formats(useLanguage())
  const durationOf = useDurations()
  const { hop } = step
  const maySee = may(me, 'flows.messages')
  const outputs = step.outputs.slice(0, MOST_OUTPUTS)
  const wanted = [hop, ...outputs].filter(({ message }) => message !== undefined).map(({ seq }) => seq)
  const messages = useMessages(runId, wanted, maySee)
  const isPinned = pins.some(({ nodeId }) => nodeId === hop.nodeId)

  const pin = async (sent: Hop) => {
    try {
      if (isPinned) await call(unpinStep, { params: { nodeId: hop.nodeId } })
      else {
        await call(pinStep, { params: { nodeId: hop.nodeId }, body: { runId, seq: sent.seq } })
        notifications.show({ message: text.pinned })
      }
      onPinned()
    } catch (problem) {
      notifications.show({ color: 'red', message: (problem as Error).message })
    }
  }

  return (
    <section className="runs-step" aria-label={text.step(format.number(hop.seq + 1))} data-testid="step-view">
      <header>
        <h3>{step.name}</h3>
        <span className="list-note">{step.name === hop.nodeType ? '' : hop.nodeType}</span>
        <span className="list-state runs-state" data-state={hop.outcome === 'failed' ? 'failed' : 'plain'}>
          {text.outcome[hop.outcome]}
        </span>
        <a href={`/#node/${encodeURIComponent(hop.nodeId)}`}>{text.inDesigner}</a>
      </header>
      <dl className="runs-facts cw-numbers">
        <div>
          <dt>{text.at}</dt>
          <dd>{durationOf(hop.atMs)}</dd>
        </div>
        <div>
          <dt>{text.took}</dt>
          <dd>{step.tookMs === undefined ? text.notDone : durationOf(step.tookMs)}</dd>
        </div>
        {hop.bytes !== undefined && (
          <div>
            <dt>{text.size}</dt>
            <dd>{format.bytes(hop.bytes)}</dd>
          </div>
        )}
      </dl>
      {hop.error && (
        <div className="runs-cause" role="note">
          <strong>{text.cause}</strong>
          <span>{hop.error}</span>
        </div>
      )}
      {hop.message === 'whole' && may(me, 'flows.deploy') && (
        <Button size="xs" variant="default" leftSection={<RotateCcw size={14} aria-hidden />} onClick={onRetry} title={text.retrySays} data-testid="retry">
          {text.retry}
        </Button>
      )}
      {!maySee && me ? (
        <p className="list-note">{text.mayNotSee}</p>
      ) : (
        <div className="runs-io">
          <Message
            title={text.input}
            message={messages?.get(hop.seq)}
            isKept={hop.message !== undefined}
            isLoading={messages === undefined}
            testId="step-input"
          />
          <div>
            {outputs.length === 0 && (
              <>
                <h4>{text.output}</h4>
                <p className="list-note">{text.noOutput}</p>
              </>
            )}
            {outputs.map((sent) => (
              <Message
                key={sent.seq}
                title={`${text.output} ${text.outputTo(nameOf(sent))}`}
                message={messages?.get(sent.seq)}
                isKept={sent.message !== undefined}
                isLoading={messages === undefined}
                testId="step-output"
              >
                {sent.message === 'whole' && may(me, 'flows.deploy') && (
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    leftSection={isPinned ? <PinOff size={12} aria-hidden /> : <Pin size={12} aria-hidden />}
                    aria-pressed={isPinned}
                    onClick={() => pin(sent)}
                    data-testid="pin"
                  >
                    {isPinned ? text.unpin : text.pin}
                  </Button>
                )}
              </Message>
            ))}
          </div>
        </div>
      )}
    </section>
  )
}

interface MessageProps {
  title: string
  message: StepMessage | undefined
  isKept: boolean
  isLoading: boolean
  testId: string
  children?: React.ReactNode
}

function Message({ title, message, isKept, isLoading, testId, children }: MessageProps) {
  const text = useRunsText()
  const format = formats(useLanguage())
  const cuts = useMemo(() => cutsByPath(message?.cuts ?? []), [message])
  const note = useCallback(
    (path: string) => {
      const cut = cuts.get(path)
      return cut && text.cut[cut.why](cut.length === undefined ? '?' : format.number(cut.length))
    },
    [cuts, text, format],
  )
  return (
    <div className="runs-message" data-testid={testId}>
      <h4>
        {title} {children}
      </h4>
      {message ? (
        <>
          {!message.isWhole && <p className="list-note">{text.partOnly}</p>}
          <ValueTree
            value={message.msg}
            path="msg"
            isOpen
            open={OPEN}
            note={note}
            copy={(copied) => {
              navigator.clipboard.writeText(copied).then(
                () => notifications.show({ message: text.copy }),
                (problem: Error) => notifications.show({ color: 'red', message: problem.message }),
              )
            }}
          />
        </>
      ) : (
        <p className="list-note">{isKept && isLoading ? text.loading : text.notKept}</p>
      )}
    </div>
  )
}
