import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core'
import { ChevronDown, CircleCheck, CloudUpload, TriangleAlert } from 'lucide-react'
import { may, useMe } from '../../shared/me.ts'
import { useDesignerText } from '../text.ts'
import { useSession } from '../use-session.ts'
import { useWorkspace } from '../use-workspace.ts'
import type { DeployKind } from './session.ts'

const KINDS: DeployKind[] = ['nodes', 'flows', 'full']

/** Deploys; says how much is changed, what is going on, and what came of it. */
export function DeployButton({ kind, onKind }: { kind: DeployKind; onKind: (kind: DeployKind) => void }) {
  const text = useDesignerText()
  const { model, problems } = useWorkspace('model', 'problems')
  const session = useSession()
  const { me } = useMe()
  const isDirty = model.isDirty
  const count = model.dirty.size
  const isBusy = session.deploy.is === 'deploying'
  // red until what was wrong is solved
  const hasFailed = session.deploy.is === 'failed' && problems.size > 0
  const mayDeploy = may(me, 'flows.deploy')
  const isIdleRestart = !isDirty && kind === 'full'
  const isOff = !mayDeploy || session.load.is !== 'loaded' || (!isDirty && !isIdleRestart && session.runtime?.flows === 'running')
  const label =
    !mayDeploy && me
      ? text.mayNot
      : isBusy
        ? text.deploy.deploying
        : isDirty
          ? text.deploy.countLabel(Math.max(count, 1))
          : isIdleRestart
            ? text.deploy.restart
            : text.deploy.nothing
  return (
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
          data-state={session.deploy.is}
        >
          {isDirty && count > 0 ? text.deploy.count(count) : text.deploy.button}
        </Button>
      </Tooltip>
      <Menu position="bottom-end" width={300} shadow="md">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={text.deploy.options} disabled={!mayDeploy} data-testid="deploy-options">
            <ChevronDown size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
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
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}
