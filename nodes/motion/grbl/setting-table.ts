/**
 * Names and units of `$` settings, in plain words (grbl 1.1 doc/markdown/settings.md, doc/csv/setting_codes_en_US.csv;
 * grblHAL settings.h for what it adds). A grblHAL that names them itself (`$ES`) is asked instead.
 */
import { type Firmware, firmwareOf, type SettingFacts } from './named-codes.ts'

const COMMON: Record<number, SettingFacts> = {
  0: { name: 'Step pulse time', unit: 'µs' },
  1: { name: 'Step idle delay', unit: 'ms' },
  2: { name: 'Step pulse invert', unit: 'mask' },
  3: { name: 'Step direction invert', unit: 'mask' },
  4: { name: 'Step enable pin invert' },
  5: { name: 'Limit pins invert' },
  6: { name: 'Probe pin invert' },
  10: { name: 'Status report options', unit: 'mask' },
  11: { name: 'Junction deviation', unit: 'mm' },
  12: { name: 'Arc tolerance', unit: 'mm' },
  13: { name: 'Report in inches' },
  20: { name: 'Soft limits' },
  21: { name: 'Hard limits' },
  22: { name: 'Homing cycle' },
  23: { name: 'Homing direction invert', unit: 'mask' },
  24: { name: 'Homing locate feed', unit: 'mm/min' },
  25: { name: 'Homing search rate', unit: 'mm/min' },
  26: { name: 'Homing switch debounce', unit: 'ms' },
  27: { name: 'Homing pull-off', unit: 'mm' },
  30: { name: 'Highest spindle speed', unit: 'rpm' },
  31: { name: 'Lowest spindle speed', unit: 'rpm' },
  32: { name: 'Laser mode' },
}

const GRBLHAL: Record<number, SettingFacts> = {
  4: { name: 'Step enable pin invert', unit: 'mask' },
  5: { name: 'Limit pins invert', unit: 'mask' },
  9: { name: 'PWM spindle options', unit: 'mask' },
  14: { name: 'Control pins invert', unit: 'mask' },
  15: { name: 'Coolant pins invert', unit: 'mask' },
  16: { name: 'Spindle pins invert', unit: 'mask' },
  17: { name: 'Control pins without pull-up', unit: 'mask' },
  18: { name: 'Limit pins without pull-up', unit: 'mask' },
  19: { name: 'Probe pin without pull-up' },
  20: { name: 'Soft limits' },
  21: { name: 'Hard limits', unit: 'mask' },
  22: { name: 'Homing cycle', unit: 'mask' },
  28: { name: 'G73 retract distance', unit: 'mm' },
  29: { name: 'Step pulse delay', unit: 'µs' },
  32: { name: 'Mode of operation (0 mill, 1 laser, 2 lathe)' },
  33: { name: 'Spindle PWM frequency', unit: 'Hz' },
  34: { name: 'Spindle PWM off value', unit: '%' },
  35: { name: 'Spindle PWM minimum', unit: '%' },
  36: { name: 'Spindle PWM maximum', unit: '%' },
  37: { name: 'Motors kept on when idle', unit: 'mask' },
  38: { name: 'Spindle encoder pulses per turn' },
  39: { name: 'Printable real-time characters' },
  40: { name: 'Soft limits for jogging' },
  41: { name: 'Parking' },
  43: { name: 'Homing passes' },
  44: { name: 'Axes homed first', unit: 'mask' },
  45: { name: 'Axes homed second', unit: 'mask' },
  46: { name: 'Axes homed third', unit: 'mask' },
  56: { name: 'Parking pull-out distance', unit: 'mm' },
  57: { name: 'Parking pull-out rate', unit: 'mm/min' },
  58: { name: 'Parking target', unit: 'mm' },
  59: { name: 'Parking fast rate', unit: 'mm/min' },
  60: { name: 'Overrides back to 100 % at the end of a program' },
  61: { name: 'Safety door options', unit: 'mask' },
  62: { name: 'Sleep' },
  63: { name: 'Feed hold options', unit: 'mask' },
  64: { name: 'Alarm at start' },
  65: { name: 'Probing options', unit: 'mask' },
  341: { name: 'Tool change mode' },
  342: { name: 'Tool change probing distance', unit: 'mm' },
  343: { name: 'Tool change locate feed', unit: 'mm/min' },
  344: { name: 'Tool change search rate', unit: 'mm/min' },
  345: { name: 'Tool change probe pull-off rate', unit: 'mm/min' },
  384: { name: 'G92 is forgotten at a reset' },
  394: { name: 'Spindle-on delay', unit: 's' },
  481: { name: 'Automatic report interval', unit: 'ms' },
}

const PER_AXIS: Record<number, SettingFacts> = {
  100: { name: 'steps', unit: 'steps/mm' },
  110: { name: 'highest rate', unit: 'mm/min' },
  120: { name: 'acceleration', unit: 'mm/s²' },
  130: { name: 'travel', unit: 'mm' },
}

/** What a `$` setting means: in the controller's own words where it has told them; undefined where nobody knows it. */
export function settingFacts(number: number, firmware: Firmware, axes: readonly string[]): SettingFacts | undefined {
  const { dialect, named } = firmwareOf(firmware)
  const own = named?.settings.get(number)
  if (own) return own
  const perAxis = PER_AXIS[Math.floor(number / 10) * 10]
  const letter = axes[number % 10]
  if (perAxis && letter) return { ...perAxis, name: `${letter} ${perAxis.name}` }
  return (dialect === 'grblhal' ? GRBLHAL[number] : undefined) ?? COMMON[number]
}
