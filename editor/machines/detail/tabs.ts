/** The parts of a machine's page. */
export const TABS = ['overview', 'settings', 'firmware', 'console'] as const
export type Tab = (typeof TABS)[number]
