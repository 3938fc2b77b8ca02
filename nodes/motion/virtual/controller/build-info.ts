/** What the firmware says it is: `$I`, `$I+`, and grblHAL's lists of alarms, errors and settings. */
import type { Core } from './core.ts'

const letters = (core: Core) => 'XYZABC'.slice(0, core.machine.axisCount)

/** `$I`, without the answer. Option letters: doc/csv/build_option_codes_en_US.csv. */
export function describeBuild(core: Core): string[] {
  const { personality, eeprom, hasParking } = core
  const { buildInfo } = eeprom
  switch (personality.name) {
    case 'grbl':
      return [`[VER:1.1h.20190830:${buildInfo}]`, `[OPT:VNM${hasParking ? 'P' : ''},${personality.plannerBlocks},${personality.saidRxBytes}]`]
    case 'grblhal':
      // COMPATIBILITY_LEVEL 0: `$I` says as much as `$I+`
      return describeEverything(core)
    case 'fluidnc':
      // its options come without any size
      return [`[VER:3.9 FluidNC v3.9.1:${buildInfo}]`, '[OPT:MPHS]', '[MSG:Machine: Virtual router]', '[MSG:Mode=STA:SSID=shop:Status=Connected:IP=192.0.2.7]']
  }
}

/** grblHAL's `$I+`. */
export function describeEverything(core: Core): string[] {
  const { personality, eeprom, machine } = core
  return [
    `[VER:1.1f.20250101:${eeprom.buildInfo}]`,
    `[OPT:VNMHL+,${personality.plannerBlocks},${personality.saidRxBytes},${machine.axisCount},0]`,
    `[AXS:${machine.axisCount}:${letters(core)}]`,
    `[NEWOPT:ENUMS,RT${eeprom.settings[39] ? '+' : '-'},${eeprom.settings[22] ? 'HOME,' : ''}ES,TC,SED]`,
    '[FIRMWARE:grblHAL]',
    '[NVS STORAGE:*FLASH]',
    '[DRIVER:Virtual]',
    '[DRIVER VERSION:250101]',
    '[BOARD:None]',
    '[AUX IO:0,0,0,0]',
  ]
}

const ALARMS: [number, string][] = [
  [1, 'Hard limit has been triggered. Machine position is likely lost. Re-homing is highly recommended.'],
  [2, 'Soft limit: a motion target exceeds the machine travel. Machine position retained. Alarm may be safely unlocked.'],
  [3, 'Reset/E-stop while in motion. Machine position is likely lost. Re-homing is highly recommended.'],
  [4, 'Probe fail. Probe is not in the expected initial state.'],
  [5, 'Probe fail. Probe did not contact the workpiece within the programmed travel.'],
  [6, 'Homing fail. The active homing cycle was reset.'],
  [7, 'Homing fail. Safety door was opened during homing cycle.'],
  [8, 'Homing fail. Pull off travel failed to clear limit switch.'],
  [9, 'Homing fail. Could not find limit switch within search distance.'],
  [10, 'EStop asserted. Clear and reset'],
  [11, 'Homing required. Execute homing command ($H) to continue.'],
]
const ERRORS: [number, string][] = [
  [1, 'Expected command letter.'],
  [2, 'Bad number format.'],
  [3, 'Invalid statement.'],
  [8, 'Not idle.'],
  [9, 'G-code lock.'],
  [15, 'Travel exceeded.'],
  [20, 'Unsupported command.'],
  [46, 'Home machine to continue.'],
  [79, 'Not allowed while critical event is active.'],
]
const SETTINGS = [
  '0|4|Step pulse time|microseconds|6|#0.0|2.0||0|0',
  '11|1|Junction deviation|mm|6|#####0.000|||0|0',
  '13|2|Report in inches||0||||0|0',
  '110|17|X-axis maximum rate|mm/min|6|#####0.000|||0|0',
  '120|17|X-axis acceleration|mm/sec^2|6|#####0.000|||0|0',
  '130|17|X-axis maximum travel|mm|6|#####0.000|||0|0',
]

/** grblHAL's lists of what its numbers mean, a few of each; undefined for any other line. */
export function listOf(line: string): string[] | undefined {
  switch (line) {
    case '$EA':
      return ALARMS.map(([code, text]) => `[ALARMCODE:${code}||${text}]`)
    case '$EE':
      return ERRORS.map(([code, text]) => `[ERRORCODE:${code}||${text}]`)
    case '$ES':
      return SETTINGS.map((text) => `[SETTING:${text}]`)
    default:
      return undefined
  }
}
