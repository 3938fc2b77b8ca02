import { expect, test } from 'vitest'
import type { TemplateParameters } from '../../../server/api/templates/index.ts'
import { given, initialValues } from './values.ts'

const parameters: TemplateParameters = {
  type: 'object',
  properties: {
    machine: { title: 'Machine', type: 'string', widget: 'machine' },
    upper: { title: 'Upper', type: 'number', widget: 'number', default: 0.025 },
    isOn: { title: 'On', type: 'boolean', widget: 'checkbox' },
  },
}

test('a form begins with the values of the earlier import, else with the defaults', () => {
  expect(initialValues(parameters)).toEqual({ machine: '', upper: 0.025, isOn: false })
  expect(initialValues(parameters, { machine: 'm1', upper: 0, gone: 1 })).toEqual({ machine: 'm1', upper: 0, isOn: false })
})

test('what is empty is not sent', () => {
  expect(given(parameters, { machine: '', upper: '', isOn: false })).toEqual({ isOn: false })
  expect(given(parameters, { machine: 'm1', upper: 0, isOn: true })).toEqual({ machine: 'm1', upper: 0, isOn: true })
})
