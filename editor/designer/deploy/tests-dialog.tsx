/** The flow tests before a deploy: how far they are, what refused it, and how to deploy all the same. */
import './tests-dialog.css'
import { Button, Modal, Textarea } from '@mantine/core'
import { CircleCheck, CircleDashed, CircleStop, CloudUpload, LoaderCircle, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import type { FlowTestOutcome } from '../../../server/api/flow-tests.ts'
import { may, useMe } from '../../shared/me.ts'
import { formats } from '../../shared/text/index.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { useHost } from '../host/use-host.ts'
import { Unmet } from '../rehearsal/test-outcome.tsx'
import { useSession } from '../use-session.ts'
import { useWorkspace } from '../use-workspace.ts'
import { showPanel } from './show-panel.ts'
import { useDeployText } from './text.ts'

const ICONS = { waits: CircleDashed, runs: LoaderCircle, passed: CircleCheck, failed: TriangleAlert, broken: TriangleAlert } as const
/** As long as the server asks for. */
const SHORTEST_REASON = 3

export function TestsDialog() {
  const session = useSession()
  const { deploy, progress } = session
  if (deploy.is === 'deploying' && progress?.id === deploy.id && progress.stage === 'testing' && progress.tests) return <Running tests={progress.tests} />
  if (deploy.is === 'failed' && deploy.tests) return <Refused tests={deploy.tests} />
  return null
}

function Running({ tests }: { tests: readonly FlowTestOutcome[] }) {
  const words = useDeployText().tests
  const session = useSession()
  const [isStopping, setStopping] = useState(false)
  const done = tests.filter(({ state }) => state !== 'waits' && state !== 'runs').length
  return (
    <Modal opened onClose={() => {}} title={words.title} size={640} withCloseButton={false} closeOnEscape={false} closeOnClickOutside={false}>
      <div className="deploy-tests" data-testid="deploy-tests" data-state="running">
        <p role="status">{words.running(done, tests.length)}</p>
        <progress max={tests.length} value={done} aria-label={words.title} />
        <Outcomes tests={tests} />
        <div className="review-foot">
          <Button
            variant="default"
            loading={isStopping}
            leftSection={<CircleStop size={15} aria-hidden />}
            onClick={() => {
              setStopping(true)
              void session.stopTests()
            }}
            data-autofocus
            data-testid="deploy-tests-stop"
          >
            {words.stop}
          </Button>
        </div>
      </div>
    </Modal>
  )
}

function Refused({ tests }: { tests: readonly FlowTestOutcome[] }) {
  const words = useDeployText().tests
  const common = useCommonText()
  const host = useHost()
  const session = useSession()
  const { me } = useMe()
  const [isAnyway, setAnyway] = useState(false)
  const [reason, setReason] = useState('')
  const bad = tests.filter(({ state }) => state !== 'passed')
  const close = () => {
    session.dismiss()
    host.focus()
  }
  return (
    <Modal opened onClose={close} title={words.title} size={640} closeButtonProps={{ 'aria-label': common.close }}>
      <form
        className="deploy-tests"
        data-testid="deploy-tests"
        data-state="refused"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason.trim().length >= SHORTEST_REASON) void session.deployUntested(reason.trim())
        }}
      >
        <p role="alert">
          <strong>{words.failed(bad.length, tests.length)}</strong>
        </p>
        <Outcomes tests={[...bad, ...tests.filter(({ state }) => state === 'passed')]} />
        {!may(me, 'flows.messages') && <p className="form-help">{words.hidden}</p>}
        {isAnyway && (
          <div className="deploy-anyway">
            <p>{words.anywaySays}</p>
            <Textarea
              label={words.reason}
              required
              maxLength={500}
              autosize
              minRows={2}
              data-autofocus
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              data-testid="deploy-anyway-reason"
            />
          </div>
        )}
        <div className="review-foot">
          <span className="review-why-not">{!may(me, 'flows.untested') && words.mayNot}</span>
          <Button
            variant="default"
            onClick={() => {
              close()
              const first = bad[0]
              if (first) host.workspace.open(first.flowId)
              showPanel(host, 'rehearsal')
            }}
            data-testid="deploy-tests-look"
          >
            {words.look}
          </Button>
          {may(me, 'flows.untested') &&
            (isAnyway ? (
              <Button
                type="submit"
                color="red"
                disabled={reason.trim().length < SHORTEST_REASON}
                leftSection={<CloudUpload size={15} aria-hidden />}
                data-testid="deploy-anyway-yes"
              >
                {words.anywayYes}
              </Button>
            ) : (
              <Button variant="subtle" color="red" onClick={() => setAnyway(true)} data-testid="deploy-anyway">
                {words.anyway}
              </Button>
            ))}
          <Button variant={isAnyway ? 'default' : 'filled'} onClick={close} data-testid="deploy-tests-close">
            {words.close}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

function Outcomes({ tests }: { tests: readonly FlowTestOutcome[] }) {
  const words = useDeployText().tests
  const { model } = useWorkspace('model')
  return (
    <ul className="deploy-test-list">
      {tests.map(({ id, name, flowId, state, passedAt, text, unmet, steps }) => {
        const Icon = ICONS[state]
        return (
          <li key={id} data-state={state} data-testid="deploy-test">
            <Icon size={17} aria-hidden />
            <div>
              <strong>{name}</strong> <span className="rehearsal-dim">{String(model.get(flowId)?.label ?? '')}</span>
              <em>{passedAt === undefined ? words.states[state] : words.passedAt(formats().time(passedAt))}</em>
              {state === 'broken' && text !== undefined && <p>{text}</p>}
              {steps.map((step) => step.state === 'failed' && <p key={step.index}>{step.text}</p>)}
              {unmet.length > 0 && (
                <ul className="rehearsal-list">
                  {unmet.map(({ expected, found }, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the order of a test's expectations is theirs for good
                    <Unmet key={index} expected={expected} found={found} />
                  ))}
                </ul>
              )}
            </div>
          </li>
        )
      })}
    </ul>
  )
}
