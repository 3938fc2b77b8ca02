/** The face of defineNode for node declarations. */
export { defineNode, type NodeContext } from './declare.ts'
export type { Message } from './red.ts'
export { Choice, Choices, ConfigNode, MessageValue, Picked, Quantity, Rows, Text } from './schema.ts'
