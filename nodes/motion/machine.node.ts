import { Type } from 'typebox'
import { defineNode, Picked } from '../define-node/index.ts'

export default defineNode({
  kind: 'config',
  type: 'cw-machine',
  family: 'motion',
  label: 'machine',
  summary: 'Names one of the machines, for the nodes that use it.',
  icon: 'machine',
  labelFrom: 'machineId',
  config: Type.Object({
    machineId: Picked('machine', { title: 'Machine', help: 'One of the machines set up in Cellwright.' }),
  }),
})
