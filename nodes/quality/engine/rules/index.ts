/** Western Electric and Nelson rules: point by point, each with the same work however long the chart is. */
export { NELSON_RULES, type RuleId, type RuleOptions, type Signal, WESTERN_ELECTRIC_RULES } from './contract.ts'
export { rulesFor, settleRules } from './options.ts'
export { createRunRules, type JudgedPoint, type RunRules } from './run-rules.ts'
