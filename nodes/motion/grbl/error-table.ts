/** `error:N` in plain words with what to do (grbl 1.1 doc/csv/error_codes_en_US.csv; grblHAL errors.h; FluidNC Error.h). */
import { type Firmware, firmwareOf } from './named-codes.ts'

export interface ErrorText {
  text: string
  whatToDo: string
}

const asLine = 'Correct the line and run the program again.'

const COMMON: Record<number, ErrorText> = {
  1: { text: 'A word has no letter in front of its number', whatToDo: asLine },
  2: { text: 'A number is missing or not a number', whatToDo: asLine },
  3: { text: 'The controller does not know this $ command', whatToDo: 'Check the spelling; this firmware may not have it.' },
  4: { text: 'A value is negative where only positive ones are allowed', whatToDo: asLine },
  5: { text: 'Homing is switched off in the controller', whatToDo: 'Set $22=1 if the machine has homing switches.' },
  6: { text: 'The step pulse time is too short', whatToDo: 'Set $0 to 3 microseconds or more.' },
  7: { text: 'The settings could not be read and were set to defaults', whatToDo: 'Check every $ setting before anything moves.' },
  8: { text: 'The controller does this only when it is idle', whatToDo: 'Wait until the machine stands, then try again.' },
  9: { text: 'The controller is locked by an alarm or a jog', whatToDo: 'Find the cause of the alarm, then home or unlock.' },
  10: { text: 'Soft limits need homing', whatToDo: 'Set $22=1 before $20=1.' },
  11: { text: 'The line is too long for the controller', whatToDo: 'Shorten the line or split it.' },
  12: { text: 'The setting would exceed the highest step rate', whatToDo: 'Lower the steps per millimetre or the maximum rate.' },
  13: { text: 'The safety door is open', whatToDo: 'Close the door, then resume.' },
  14: { text: 'The startup or build-info line is too long', whatToDo: 'Shorten it.' },
  15: { text: 'The jog would leave the travel', whatToDo: 'Jog a shorter way.' },
  16: { text: 'The jog command is not valid', whatToDo: 'A jog needs axis words and a feed, without other G-codes.' },
  17: { text: 'Laser mode needs a PWM output', whatToDo: 'Switch $32 off or use firmware with PWM.' },
  20: { text: 'The controller does not know this G or M code', whatToDo: 'Use a post processor for this controller.' },
  21: { text: 'Two codes of the same group stand in one line', whatToDo: asLine },
  22: { text: 'No feed has been set', whatToDo: 'Give an F word before the first feed move.' },
  23: { text: 'The code needs a whole number', whatToDo: asLine },
  24: { text: 'Two codes in the line want the axis words', whatToDo: asLine },
  25: { text: 'A word is repeated in the line', whatToDo: asLine },
  26: { text: 'The code needs axis words and there are none', whatToDo: asLine },
  27: { text: 'The line number is out of range', whatToDo: 'Leave the N words out.' },
  28: { text: 'A value that the code needs is missing', whatToDo: asLine },
  29: { text: 'G59.1 to G59.3 are not supported', whatToDo: 'Use G54 to G59.' },
  30: { text: 'G53 needs G0 or G1', whatToDo: asLine },
  31: { text: 'There are axis words and no code that uses them', whatToDo: asLine },
  32: { text: 'An arc has no axis word in its plane', whatToDo: asLine },
  33: { text: 'The target of the move is not valid', whatToDo: 'Check the arc: its end does not lie on its circle.' },
  34: { text: 'No arc has this radius between these points', whatToDo: asLine },
  35: { text: 'An arc has no I, J or K in its plane', whatToDo: asLine },
  36: { text: 'A word in the line is not used by anything', whatToDo: asLine },
  37: { text: 'G43.1 works on the tool length axis only', whatToDo: asLine },
  38: { text: 'The tool number is too large', whatToDo: asLine },
}

const GRBLHAL: Record<number, ErrorText> = {
  18: { text: 'The reset input is on', whatToDo: 'Release the emergency stop or reset button.' },
  19: { text: 'A value must be greater than zero', whatToDo: asLine },
  39: { text: 'A value is out of range', whatToDo: asLine },
  40: { text: 'Not possible while a tool change is pending', whatToDo: 'Finish the tool change first.' },
  41: { text: 'The spindle is not running or not able to do this', whatToDo: 'Check the spindle.' },
  42: { text: 'The plane must be ZX for threading', whatToDo: asLine },
  43: { text: 'The feed is higher than the machine can do', whatToDo: 'Lower the feed.' },
  44: { text: 'The spindle speed is out of range', whatToDo: 'Use a speed within $30 and $31.' },
  45: { text: 'Only homing is allowed while a limit switch is on', whatToDo: 'Home the machine, or move it off the switch by hand.' },
  46: { text: 'The machine must be homed to continue', whatToDo: 'Home the machine.' },
  47: { text: 'The tool changer has no such tool', whatToDo: 'Check the tool number.' },
  48: { text: 'Values in the line clash', whatToDo: asLine },
  49: { text: 'The self test failed', whatToDo: 'Switch the machine off and have it checked.' },
  50: { text: 'The emergency stop is on', whatToDo: 'Release the emergency stop, then unlock.' },
  51: { text: 'A motor reports a fault', whatToDo: 'Switch the machine off and look for the cause.' },
  52: { text: 'The setting is out of range', whatToDo: 'Use a value within its range.' },
  53: { text: 'This controller does not have the setting', whatToDo: 'Leave the setting out.' },
  54: { text: 'The retract height of a canned cycle lies below where it drills', whatToDo: asLine },
  55: { text: 'The homing settings do not fit together', whatToDo: 'Check which axes are homed and squared.' },
  56: { text: 'The work offset is locked', whatToDo: 'Unlock it in the controller, or use another one.' },
  57: { text: 'A % stands where none may stand', whatToDo: 'Leave the % out.' },
  58: { text: 'The input or output is not there', whatToDo: 'Check the P or Q word.' },
  60: { text: 'The memory card cannot be used', whatToDo: 'Check the card.' },
  61: { text: 'A file of the controller cannot be read', whatToDo: 'Check the card and the name of the file.' },
  62: { text: 'A folder of the controller cannot be opened', whatToDo: 'Check the card.' },
  63: { text: 'The controller has no such folder', whatToDo: 'Check the name.' },
  64: { text: 'There is no memory card', whatToDo: 'Put the card in.' },
  65: { text: 'The file system of the controller is not ready', whatToDo: 'Check the card.' },
  66: { text: 'The file system of the controller is read-only', whatToDo: 'Check the card.' },
  70: { text: 'Bluetooth could not be started', whatToDo: 'Check the controller.' },
  71: { text: 'An expression uses an operator that is not known', whatToDo: asLine },
  72: { text: 'An expression divides by zero', whatToDo: asLine },
  73: { text: 'A value in an expression is too large or too small', whatToDo: asLine },
  74: { text: 'A function in an expression was given a value it cannot take', whatToDo: asLine },
  75: { text: 'An expression is written wrongly', whatToDo: asLine },
  76: { text: 'An expression has no result', whatToDo: asLine },
  77: { text: 'The controller asks for a password', whatToDo: 'Sign in at the controller.' },
  78: { text: 'The controller denies this', whatToDo: 'Sign in at the controller with more rights.' },
  79: { text: 'Not possible while a critical alarm is on', whatToDo: 'Find the cause of the alarm, then unlock.' },
  80: { text: 'An O-word stands outside a macro', whatToDo: asLine },
  81: { text: 'An O-word is written wrongly', whatToDo: asLine },
  82: { text: 'O-words are nested too deeply', whatToDo: asLine },
  83: { text: 'The controller has no memory left for O-words', whatToDo: asLine },
  84: { text: 'A file of the controller could not be opened', whatToDo: 'Check the name of the file.' },
  86: { text: 'The port cannot do this', whatToDo: 'Check the P word and what is wired there.' },
  87: { text: 'The tool is in the spindle already', whatToDo: 'Go on without the tool change.' },
  88: { text: 'The tool is not in the spindle', whatToDo: 'Put the tool in first.' },
  253: { text: 'A macro of the controller ended with an error of its own', whatToDo: 'Look at the macro.' },
}

const FLUIDNC: Record<number, ErrorText> = {
  18: { text: 'No homing cycles are configured', whatToDo: 'Add them to the controller configuration.' },
  19: { text: 'Homing of single axes is not allowed', whatToDo: 'Home all axes.' },
  39: { text: 'The P value is too large', whatToDo: asLine },
  40: { text: 'A control input is on at start', whatToDo: 'Release the button or switch, then reset.' },
  60: { text: 'The file system of the controller is not ready', whatToDo: 'Check the memory card.' },
  61: { text: 'A file of the controller cannot be read', whatToDo: 'Check the memory card and the name of the file.' },
  62: { text: 'A folder of the controller cannot be opened', whatToDo: 'Check the memory card.' },
  63: { text: 'The controller has no such folder', whatToDo: 'Check the name.' },
  64: { text: 'The file is empty', whatToDo: 'Load it up again.' },
  65: { text: 'The controller has no such file', whatToDo: 'Check the name.' },
  66: { text: 'A file of the controller could not be opened', whatToDo: 'Check the name.' },
  67: { text: 'The file system of the controller is busy', whatToDo: 'Wait, then try again.' },
  80: { text: 'A setting is out of its range', whatToDo: 'Use a value within its range.' },
  81: { text: 'The value does not fit the setting', whatToDo: 'Check the value.' },
  82: { text: 'A file could not be made on the controller', whatToDo: 'Check the memory card.' },
  100: { text: 'The setting could not be kept', whatToDo: 'Check the memory of the controller.' },
  110: { text: 'The controller asks for a password', whatToDo: 'Sign in at the controller.' },
  113: { text: 'The controller was reset before the line was carried out', whatToDo: 'Look at the machine, then begin anew.' },
  120: { text: 'The other interface of the controller is busy', whatToDo: 'End the job that was started at the controller itself.' },
  130: { text: 'The jog was cancelled', whatToDo: 'Jog again.' },
  150: { text: 'A pin is described wrongly', whatToDo: 'Correct the configuration file.' },
  151: { text: 'This item of the configuration cannot be set now', whatToDo: 'Correct the configuration file, then restart the controller.' },
  152: { text: 'The configuration of the controller is not valid', whatToDo: 'Read its start messages, correct the file, then restart it.' },
  162: { text: 'The setting can only be read', whatToDo: 'Change it in the configuration file.' },
  170: { text: 'An expression divides by zero', whatToDo: asLine },
  171: { text: 'A function in an expression was given a value it cannot take', whatToDo: asLine },
  172: { text: 'An expression has no result', whatToDo: asLine },
  173: { text: 'An expression uses an operator that is not known', whatToDo: asLine },
  174: { text: 'A value in an expression is too large or too small', whatToDo: asLine },
  175: { text: 'An expression is written wrongly', whatToDo: asLine },
  176: { text: 'An O-word is written wrongly', whatToDo: asLine },
  177: { text: 'An O-word stands outside a macro', whatToDo: asLine },
  178: { text: 'The controller has no memory left for O-words', whatToDo: asLine },
  179: { text: 'O-words are nested too deeply', whatToDo: asLine },
}

/** What an `error:N` means for this firmware; one that nobody here knows, in the controller's own words where it has told them. */
export function errorText(code: number, firmware: Firmware): ErrorText {
  const { dialect, named } = firmwareOf(firmware)
  const special = dialect === 'grblhal' ? GRBLHAL[code] : dialect === 'fluidnc' ? FLUIDNC[code] : undefined
  const known = special ?? COMMON[code]
  if (known) return known
  const own = named?.errors.get(code)
  if (own) return { text: `The controller says: ${own.replace(/\.$/, '')}`, whatToDo: 'Look it up in the controller manual.' }
  return { text: `The controller answered error:${code}, which this version does not know`, whatToDo: 'Look it up in the controller manual.' }
}
