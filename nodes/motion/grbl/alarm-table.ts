/** `ALARM:N` in plain words (grbl 1.1 doc/csv/alarm_codes_en_US.csv; grblHAL alarms.h; FluidNC Alarm.h, which reuses numbers). */
import { type Firmware, firmwareOf } from './named-codes.ts'

export interface AlarmText {
  text: string
  whatToDo: string
  /** Whether the controller may have lost its position. */
  isPositionLost: boolean
  /** Only a reset brings the controller back; it may not even answer `?` until then. */
  isCritical: boolean
}

const homing = (text: string): AlarmText => ({
  text: `Homing failed: ${text}`,
  whatToDo: 'Check the switches and the way to them, then home again.',
  isPositionLost: true,
  isCritical: false,
})

const COMMON: Record<number, AlarmText> = {
  1: {
    text: 'A limit switch was hit in motion',
    whatToDo: 'Look at the machine, then unlock, move off the switch and home.',
    isPositionLost: true,
    isCritical: true,
  },
  2: {
    text: 'A move would leave the machine travel (soft limit)',
    whatToDo: 'Unlock, then check the work offset and the program.',
    isPositionLost: false,
    isCritical: true,
  },
  3: {
    text: 'The controller was reset while moving',
    whatToDo: 'The position may be lost: home before anything else moves.',
    isPositionLost: true,
    isCritical: false,
  },
  4: {
    text: 'The probe was not in its rest state before probing',
    whatToDo: 'Check the probe and its wiring, then unlock.',
    isPositionLost: false,
    isCritical: false,
  },
  5: {
    text: 'The probe found nothing on its way',
    whatToDo: 'Check the probe and the start position, then unlock.',
    isPositionLost: false,
    isCritical: false,
  },
  6: homing('the controller was reset meanwhile'),
  7: homing('the safety door was opened'),
  8: homing('the switch stayed on when moving off it'),
  9: homing('no switch was found'),
  10: homing('the second switch of a two-motor axis was not found'),
}

const GRBLHAL: Record<number, AlarmText> = {
  10: {
    text: 'The emergency stop is on',
    whatToDo: 'Release the emergency stop, unlock, then home.',
    isPositionLost: true,
    isCritical: true,
  },
  11: { text: 'The machine must be homed', whatToDo: 'Home the machine.', isPositionLost: true, isCritical: false },
  12: { text: 'A limit switch is on', whatToDo: 'Move off the switch, then unlock.', isPositionLost: true, isCritical: false },
  13: { text: 'The probe touched outside a probing move', whatToDo: 'Retract by hand, check the probe, then unlock.', isPositionLost: true, isCritical: false },
  14: { text: 'The spindle did not reach its speed', whatToDo: 'Check the spindle, then unlock.', isPositionLost: false, isCritical: false },
  15: homing('the second switch for squaring was not found.'),
  16: { text: 'The self test failed', whatToDo: 'Switch the machine off and have it checked.', isPositionLost: true, isCritical: false },
  17: { text: 'A motor reports a fault', whatToDo: 'Switch the machine off and look for the cause, then home.', isPositionLost: true, isCritical: true },
  18: { text: 'Homing is not set up rightly', whatToDo: 'Check the homing settings of the controller.', isPositionLost: true, isCritical: false },
  19: { text: 'The spindle drive does not answer (Modbus)', whatToDo: 'Check its cable and settings, then unlock.', isPositionLost: false, isCritical: false },
  20: { text: 'The I/O expander does not answer', whatToDo: 'Check the board, then reset.', isPositionLost: true, isCritical: true },
  21: { text: 'The settings memory failed', whatToDo: 'Check every $ setting before anything moves.', isPositionLost: true, isCritical: false },
}

const FLUIDNC: Record<number, AlarmText> = {
  10: { text: 'The spindle does not answer', whatToDo: 'Check the spindle and its settings, then unlock.', isPositionLost: false, isCritical: false },
  11: { text: 'A control input is on at start', whatToDo: 'Release the button or switch, then unlock.', isPositionLost: false, isCritical: false },
  12: {
    text: 'A homing switch is on and both directions are possible',
    whatToDo: 'Move off the switch by hand, then home.',
    isPositionLost: true,
    isCritical: false,
  },
  13: { text: 'Hard stop', whatToDo: 'Look at the machine, then unlock and home.', isPositionLost: true, isCritical: true },
  14: { text: 'The machine is not homed', whatToDo: 'Home the machine.', isPositionLost: true, isCritical: false },
  15: { text: 'The controller did not start rightly', whatToDo: 'Read its start messages, then reset.', isPositionLost: true, isCritical: false },
  16: { text: 'The I/O expander was reset', whatToDo: 'Check the board, then reset.', isPositionLost: true, isCritical: true },
  17: { text: 'A G-code error in a job', whatToDo: 'Correct the program, then unlock.', isPositionLost: false, isCritical: false },
  18: { text: 'The probe hit its hard limit', whatToDo: 'Retract by hand, then unlock and home.', isPositionLost: true, isCritical: false },
}

/**
 * What an `ALARM:N` means for this firmware; one that nobody here knows is taken for the worst, in the controller's own words
 * where it has told them.
 */
export function alarmText(code: number, firmware: Firmware): AlarmText {
  const { dialect, named } = firmwareOf(firmware)
  const special = dialect === 'grblhal' ? GRBLHAL[code] : dialect === 'fluidnc' ? FLUIDNC[code] : undefined
  const own = named?.alarms.get(code)
  return (
    special ??
    COMMON[code] ?? {
      text: own ? `The controller says: ${own.replace(/\.$/, '')}` : `The controller reports ALARM:${code}, which this version does not know`,
      whatToDo: 'Look it up in the controller manual; home before anything else moves.',
      isPositionLost: true,
      isCritical: true,
    }
  )
}
