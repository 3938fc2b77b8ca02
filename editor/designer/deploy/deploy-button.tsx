/** Others, the draft, and the button that deploys: how much is changed, what is going on, and what came of it. */
import './deploy.css'
import { ActionIcon, Button, Checkbox, Menu, Tooltip } from '@mantine/core'
import { ChevronDown, CircleCheck, CloudUpload, GitCompare, ListChecks, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { may, useMe } from '../../shared/me.ts'
import { PresenceBar } from '../collab/presence-bar.tsx'
import { useDesignerText } from '../text.ts'
import { useSession } from '../use-session.ts'
import { useWorkspace } from '../use-workspace.ts'
import type { DeployKind } from './deploy-state.ts'
import { DraftPill } from './draft-pill.tsx'
import { isListAlwaysShown, setListAlwaysShown } from './list-wanted.ts'
import { useDeployText } from './text.ts'

const KINDS: DeployKind[] = ['nodes', 'flows', 'full']

export function DeployButton({ kind, onKind }: { kind: DeployKind; onKind: (kind: DeployKind) => void }) {
  const text = useDesignerText()
  const words = useDeployText()
  const { model, problems } = useWorkspace('model', 'problems')
  const session = useSession()
  const { me } = useMe()
  const [isAlways, setAlways] = useState(isListAlwaysShown)
  const { deploy, progress } = session
  const isDirty = session.hasWork
  const count = model.dirty.size
  const isBusy = deploy.is === 'deploying' || deploy.is === 'checking'
  // red until what was wrong is solved
  const hasFailed = deploy.is === 'failed' && problems.size > 0
  const mayDeploy = may(me, 'flows.deploy')
  const isIdleRestart = !isDirty && kind === 'full'
  const isOff = !mayDeploy || session.load.is !== 'loaded' || (!isDirty && !isIdleRestart && session.runtime?.flows === 'running')
  const stage = deploy.is === 'deploying' && progress?.id === deploy.id ? words.progress.stages[progress.stage] : undefined
  const label =
    !mayDeploy && me
      ? text.mayNot
      : deploy.is === 'checking'
        ? words.review.checking
        : isBusy
          ? (stage ?? text.deploy.deploying)
          : isDirty
            ? text.deploy.countLabel(Math.max(count, 1))
            : isIdleRestart
              ? text.deploy.restart
              : text.deploy.nothing
  return (
    <>
      <PresenceBar />
      <DraftPill />
      <div className="deploy">
        <Tooltip label={label}>
          <Button
            // stays in the keyboard's reach when there is nothing to do, and says why
            {...(isOff && { 'data-disabled': true })}
            aria-disabled={isOff}
            loading={isBusy}
            {...(hasFailed && { color: 'red' })}
            variant={isOff ? 'default' : 'filled'}
            leftSection={
              hasFailed ? <TriangleAlert size={16} aria-hidden /> : !isDirty ? <CircleCheck size={16} aria-hidden /> : <CloudUpload size={16} aria-hidden />
            }
            onClick={(event) => {
              if (isOff) event.preventDefault()
              else void session.run(kind)
            }}
            aria-label={label}
            data-testid="deploy"
            data-state={deploy.is}
          >
            {isDirty && count > 0 ? text.deploy.count(count) : text.deploy.button}
          </Button>
        </Tooltip>
        <Menu position="bottom-end" width={320} shadow="md">
          <Menu.Target>
            <ActionIcon variant="default" size={36} aria-label={text.deploy.options} disabled={!mayDeploy} data-testid="deploy-options">
              <ChevronDown size={16} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<ListChecks size={16} aria-hidden />} onClick={() => void session.review(kind)} data-testid="deploy-review">
              {words.actions.review}
            </Menu.Item>
            <Menu.Item
              leftSection={<GitCompare size={16} aria-hidden />}
              disabled={count === 0}
              onClick={() => session.comparison.begin({ is: 'running' })}
              data-testid="deploy-compare"
            >
              {words.actions.compare}
            </Menu.Item>
            <Menu.Divider />
            {KINDS.map((one) => (
              <Menu.Item
                key={one}
                onClick={() => onKind(one)}
                role="menuitemradio"
                aria-checked={one === kind}
                className="menu-two-lines"
                data-checked={one === kind || undefined}
                data-testid={`deploy-${one}`}
              >
                <strong>{text.deploy[one]}</strong>
                <span>{text.deploy[`${one}Text`]}</span>
              </Menu.Item>
            ))}
            <Menu.Divider />
            <Menu.Item
              role="menuitemcheckbox"
              aria-checked={isAlways}
              closeMenuOnClick={false}
              leftSection={<Checkbox.Indicator size="xs" checked={isAlways} aria-hidden />}
              onClick={() => {
                setAlways(!isAlways)
                setListAlwaysShown(!isAlways)
              }}
            >
              {words.review.always}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </>
  )
}
