/** How the running flows are: a word, a shape and a colour; a click says what it means and what to do. */
import { Popover, UnstyledButton } from '@mantine/core'
import { CirclePause, CirclePlay, CircleX, LoaderCircle, ShieldAlert } from 'lucide-react'
import type { RuntimeState } from '../../../server/api/flows.ts'
import { useLine } from '../../shared/live.ts'
import { useDesignerText } from '../text.ts'
import { useSession } from '../use-session.ts'

type Shown = 'running' | 'stopped' | 'safe' | 'failed' | 'starting' | 'gone' | 'unknown'
const ICONS = {
  running: CirclePlay,
  stopped: CirclePause,
  safe: ShieldAlert,
  failed: CircleX,
  starting: LoaderCircle,
  gone: LoaderCircle,
  unknown: LoaderCircle,
} as const
/** Running is normal, so grey; colour asks for a person. */
const STATES: Record<Shown, 'normal' | 'warning' | 'alarm'> = {
  running: 'normal',
  stopped: 'warning',
  safe: 'warning',
  failed: 'alarm',
  starting: 'normal',
  gone: 'warning',
  unknown: 'normal',
}

function shownOf(runtime: RuntimeState | undefined): Shown {
  if (!runtime) return 'unknown'
  if (runtime.flows === 'safe') return 'safe'
  if (runtime.process === 'gone') return 'gone'
  if (runtime.process === 'starting') return 'starting'
  return runtime.flows
}

export function RuntimePill() {
  const text = useDesignerText()
  const { runtime } = useSession()
  const line = useLine()
  const shown = line.state === 'lost' ? 'unknown' : shownOf(runtime)
  const Icon = ICONS[shown]
  return (
    <Popover position="bottom-end" width={340} shadow="md">
      <Popover.Target>
        <UnstyledButton className="pill" data-state={STATES[shown]} aria-label={`${text.runtime.label}: ${text.runtime[shown]}`} data-testid="runtime">
          <Icon size={16} aria-hidden />
          <span>{text.runtime[shown]}</span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <strong>{text.runtime[shown]}</strong>
        {shown !== 'unknown' && <p className="form-help">{text.runtime[`${shown}Text`]}</p>}
        {runtime?.text && <p>{runtime.text}</p>}
      </Popover.Dropdown>
    </Popover>
  )
}
