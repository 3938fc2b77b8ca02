/** English: the frame around every page, and words that all pages use. */
export const common = {
  product: 'Cellwright',
  pages: { label: 'Pages', designer: 'Designer', operator: 'Operator', programs: 'Programs', machines: 'Machines', runs: 'Runs' },
  person: {
    menu: (name: string) => `Account of ${name}`,
    signOut: 'Sign out',
    colors: 'Colours',
    light: 'Light',
    dark: 'Dark',
    system: 'As the system',
    language: 'Language',
    roles: { admin: 'Administrator', engineer: 'Engineer', integrator: 'Integrator', operator: 'Operator', viewer: 'Viewer' },
  },
  line: {
    lost: (since: string) => `No connection to the server since ${since}. What you see is not current. Trying again…`,
  },
  runtime: {
    safe: 'Safe mode: the flow runtime crashed several times, so flows are stopped. Correct them in the designer and deploy; machines, STOP and HOLD are not affected.',
    gone: 'The flow runtime is being restarted. Flows stand still meanwhile; machines, STOP and HOLD are not affected.',
  },
  skip: 'Skip to the content',
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  retry: 'Try again',
  loading: 'Loading…',
  failed: 'That did not work',
  unexpected: 'Something went wrong on this page. Reload it; what was deployed is safe.',
  reload: 'Reload the page',
} as const
