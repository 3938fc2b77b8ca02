import { expect, test } from 'vitest'
import { alarmText, brakingTimeMs, errorText, parseMessage, readSettings } from './index.ts'

test('every error and alarm of Grbl 1.1 says what it means and what to do', () => {
  for (let code = 1; code <= 38; code += 1) {
    if (code === 18 || code === 19) continue
    const { text, whatToDo } = errorText(code, 'grbl')
    expect(text, `error:${code}`).not.toContain('this version does not know')
    expect(whatToDo.endsWith('.')).toBe(true)
  }
  for (let code = 1; code <= 9; code += 1) expect(alarmText(code, 'grbl').text, `ALARM:${code}`).not.toContain('this version does not know')
})

test('numbers that firmware reuses are read by firmware', () => {
  expect(alarmText(10, 'grblhal')).toMatchObject({ isCritical: true })
  expect(alarmText(10, 'grblhal').text).toMatch(/emergency/)
  expect(alarmText(10, 'fluidnc').text).toMatch(/spindle/)
  expect(alarmText(10, 'grbl').text).toMatch(/Homing/)
  expect(errorText(79, 'grblhal').text).toMatch(/critical alarm/)
})

test('an alarm nobody knows is taken for the worst', () => {
  expect(alarmText(99, 'grbl')).toMatchObject({ isCritical: true, isPositionLost: true })
})

test('a soft limit keeps the position, a limit switch and a reset in motion lose it', () => {
  expect([1, 2, 3].map((code) => alarmText(code, 'grbl').isPositionLost)).toEqual([true, false, true])
  expect([1, 2, 3].map((code) => alarmText(code, 'grbl').isCritical)).toEqual([true, true, false])
})

test('the longest braking time follows from rates and accelerations', () => {
  const settings = readSettings(['$13=1', '$22=1', '$110=6000.000', '$111=3000', '$112=600', '$120=400', '$121=400', '$122=50'].map(parseMessage))
  expect(settings).toMatchObject({ isReportingInches: true, hasHoming: true })
  // 6000 mm/min is 100 mm/s, at 50 mm/s² two seconds
  expect(brakingTimeMs(settings)).toBe(2000)
  expect(brakingTimeMs(undefined)).toBe(2000)
})
