/** What a machine's state is called on the pages, how much it needs a person, and which shape it has. */
import {
  Ban,
  Circle,
  CircleHelp,
  DoorOpen,
  Hand,
  House,
  type LucideIcon,
  Moon,
  OctagonAlert,
  Pause,
  Play,
  SearchCheck,
  Unplug,
  UserRound,
  Wrench,
} from 'lucide-react'
import type { MachineView } from '../../../server/api/machines.ts'
import type { MachineText } from './use-machine-text.ts'

export type StateKey = keyof MachineText['state']
/** Grey is normal; colour asks for a person (tokens.css). */
export type Tone = 'normal' | 'warning' | 'alarm' | 'action'

const LOOKS: Record<StateKey, { tone: Tone; icon: LucideIcon }> = {
  unknown: { tone: 'warning', icon: CircleHelp },
  idle: { tone: 'normal', icon: Circle },
  run: { tone: 'normal', icon: Play },
  hold: { tone: 'warning', icon: Pause },
  braking: { tone: 'warning', icon: Pause },
  jog: { tone: 'normal', icon: Hand },
  alarm: { tone: 'alarm', icon: OctagonAlert },
  door: { tone: 'warning', icon: DoorOpen },
  check: { tone: 'normal', icon: SearchCheck },
  home: { tone: 'normal', icon: House },
  sleep: { tone: 'normal', icon: Moon },
  tool: { tone: 'action', icon: Wrench },
  guardGone: { tone: 'alarm', icon: Ban },
  hostSilent: { tone: 'alarm', icon: Ban },
  guardStarting: { tone: 'normal', icon: Circle },
  connecting: { tone: 'normal', icon: Circle },
  lost: { tone: 'alarm', icon: Unplug },
  'waiting-for-person': { tone: 'action', icon: UserRound },
  waiting: { tone: 'action', icon: UserRound },
}

/** The one word for what a machine does now. */
export function stateKeyOf(machine: MachineView): StateKey {
  if (machine.host?.isSilent) return 'hostSilent'
  if (machine.guard === 'gone') return 'guardGone'
  if (machine.guard === 'starting' || !machine.state) return 'guardStarting'
  const { link, controller, subState, job } = machine.state
  if (link !== 'connected') return link
  if (job?.phase === 'waiting' && controller !== 'alarm' && controller !== 'door') return 'waiting'
  return controller === 'hold' && subState === 1 ? 'braking' : controller
}

export function lookOf(key: StateKey): { tone: Tone; icon: LucideIcon } {
  return LOOKS[key]
}
