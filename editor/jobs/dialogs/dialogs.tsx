/** The dialogs of the board: one at a time, asked for by what a person wants. */
import type { Asked, DialogProps } from './asked.ts'
import { CancelDialog } from './cancel-dialog.tsx'
import { DismissDialog } from './dismiss-dialog.tsx'
import { HoldDialog } from './hold-dialog.tsx'
import { DismissAllDialog, RetryAllDialog } from './letters-dialogs.tsx'
import { ReleaseDialog, RetryDialog } from './motion-dialogs.tsx'
import { MoveDialog } from './move-dialog.tsx'
import { PlanDialog } from './plan-dialog.tsx'
import { SettingsDialog } from './settings-dialog.tsx'

export function Dialogs({ asked, ...rest }: DialogProps & { asked: Asked }) {
  switch (asked.what) {
    case 'hold':
      return <HoldDialog queue={asked.queue} mode={asked.mode} {...rest} />
    case 'release':
      return <ReleaseDialog queue={asked.queue} next={asked.next} {...rest} />
    case 'settings':
      return <SettingsDialog queue={asked.queue} {...rest} />
    case 'plan':
      return <PlanDialog job={asked.job} {...rest} />
    case 'move':
      return <MoveDialog job={asked.job} {...rest} />
    case 'retry':
      return <RetryDialog job={asked.job} {...rest} />
    case 'cancel':
      return <CancelDialog job={asked.job} {...rest} />
    case 'dismiss':
      return <DismissDialog job={asked.job} {...rest} />
    case 'retry-all':
      return <RetryAllDialog letters={asked.letters} {...rest} />
    case 'dismiss-all':
      return <DismissAllDialog letters={asked.letters} {...rest} />
    default:
      return asked satisfies never
  }
}
