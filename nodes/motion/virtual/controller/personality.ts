/**
 * Which firmware it plays, as a table of facts. Sources: grbl 1.1h (doc/markdown, protocol.c, serial.c), grblHAL
 * core (protocol.c, report.c, system.c, grbl.h), FluidNC (Protocol.cpp, Report.cpp, Serial.cpp, WSChannel.cpp).
 */

export type PersonalityName = 'grbl' | 'grblhal' | 'fluidnc'

export interface Personality {
  name: PersonalityName
  banner: string
  /** Lines of planner blocks. */
  plannerBlocks: number
  /** Bytes its receive buffer takes. */
  rxBytes: number
  /** As `[OPT:]` gives it; undefined where it says nothing. */
  saidRxBytes: number | undefined
  /** Characters without spaces and comments (grblHAL and FluidNC count them all). */
  maxLineLength: number
  /** CR LF is one end of line. */
  joinsCrLf: boolean
  /** An error is answered to every following line of G-code, until an empty line or a good `$` line (grblHAL, COMPATIBILITY_LEVEL 0). */
  hasStickyErrors: boolean
  /** Interrupts are off while EEPROM is written: AVR boards hear nothing then. */
  isDeafInEeprom: boolean
  /** In a critical alarm: hears nothing but a reset; answers `?` but no line; answers `?` and lines that only report. */
  criticalAlarm: 'deaf' | 'reports' | 'reads'
  /** A reset that comes so soon behind a critical alarm is thrown away: it waits for its message to go out, then wants another (protocol.c, report.c). */
  alarmDelayS: number
  /** A line that waits when a reset comes is answered once more, before the banner. */
  hasStrayOk: boolean
  /** How `[MSG:` begins what it says of itself. */
  messagePrefix: string
  programEnd: string
  checkDoor: string
  axisCounts: readonly number[]
  /** `G59.1` to `G59.3`. */
  hasManyOffsets: boolean
  /** M6 waits for an acknowledgement in a state of its own. */
  hasToolState: boolean
  /** `$HX` and the like. */
  homesSingleAxes: boolean
  /** Soft limits of axes that were homed only. */
  limitsHomedAxesOnly: boolean
}

export const PERSONALITIES: Record<PersonalityName, Personality> = {
  grbl: {
    name: 'grbl',
    banner: "Grbl 1.1h ['$' for help]",
    plannerBlocks: 15,
    rxBytes: 128,
    saidRxBytes: 128,
    maxLineLength: 79,
    joinsCrLf: false,
    hasStickyErrors: false,
    isDeafInEeprom: true,
    criticalAlarm: 'deaf',
    alarmDelayS: 0.5,
    hasStrayOk: true,
    messagePrefix: '',
    programEnd: 'Pgm End',
    checkDoor: 'Check Door',
    axisCounts: [3],
    hasManyOffsets: false,
    hasToolState: false,
    homesSingleAxes: false,
    limitsHomedAxesOnly: false,
  },
  grblhal: {
    name: 'grblhal',
    banner: "GrblHAL 1.1f ['$' or '$HELP' for help]",
    plannerBlocks: 100,
    // a ring of 1024 takes 1023
    rxBytes: 1023,
    saidRxBytes: 1024,
    maxLineLength: 255,
    joinsCrLf: true,
    hasStickyErrors: true,
    isDeafInEeprom: false,
    criticalAlarm: 'reads',
    alarmDelayS: 0,
    hasStrayOk: false,
    messagePrefix: '',
    programEnd: 'Pgm End',
    checkDoor: 'Check Door',
    axisCounts: [3, 4, 5, 6],
    hasManyOffsets: true,
    hasToolState: true,
    homesSingleAxes: true,
    limitsHomedAxesOnly: true,
  },
  fluidnc: {
    name: 'fluidnc',
    banner: "Grbl 3.9 [FluidNC v3.9.1 (wifi) '$' for help]",
    plannerBlocks: 15,
    rxBytes: 256,
    saidRxBytes: undefined,
    maxLineLength: 254,
    joinsCrLf: false,
    hasStickyErrors: false,
    isDeafInEeprom: false,
    criticalAlarm: 'reports',
    alarmDelayS: 0,
    hasStrayOk: false,
    messagePrefix: 'INFO: ',
    programEnd: 'Program End',
    checkDoor: 'Check door',
    axisCounts: [3, 4, 5, 6],
    hasManyOffsets: false,
    hasToolState: false,
    homesSingleAxes: true,
    limitsHomedAxesOnly: false,
  },
}
