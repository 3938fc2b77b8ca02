/** English: the frame around every page, and words that all pages use. */
export const common = {
  product: 'Cellwright',
  pages: {
    label: 'Pages',
    designer: 'Designer',
    operator: 'Operator',
    programs: 'Programs',
    machines: 'Machines',
    jobs: 'Jobs',
    triggers: 'Triggers',
    runs: 'Runs',
    quality: 'Quality',
    connections: 'Connections',
    templates: 'Templates',
    history: 'History',
    environment: 'Installation',
    settings: 'Settings',
  },
  environment: {
    test: 'Test',
    production: 'Production',
    label: (kind: string, name: string) => `${kind} installation: ${name}`,
    hints: {
      test: 'this is a test installation',
      production: 'this is production; a deploy needs a reason',
    },
  },
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
  health: {
    storeAway:
      'The database does not answer. Flows and jobs wait, and nothing can be saved; machines, STOP and HOLD are not affected. It goes on by itself when the database is back.',
    queuesAway: 'Redis does not answer. Jobs begin later and schedules wait; nothing is lost. It goes on by itself when Redis is back.',
    tlsTrouble: (why: string) => `The new certificate cannot be used, the one before is still shown: ${why}`,
    more: 'How the installation is',
    whatToDelete: 'What takes the room',
    diskFull: (free: string) =>
      `The disk of the server is full (${free} free). What must be stored is refused: flows and jobs wait, no program is started. What was confirmed is safe, STOP and HOLD work. Make room, and it goes on.`,
    diskCritical: (free: string) =>
      `The disk of the server is nearly full (${free} free). No program is begun and the steps of runs are not recorded until there is room; programs that run go on, and jog, home, STOP and HOLD work.`,
    diskLow: (free: string) => `The disk of the server is filling up (${free} free). Make room before work has to stop.`,
  },
  skip: 'Skip to the content',
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  reason: { label: 'Reason (optional)', hint: 'Why, for whoever reads the history' },
  retry: 'Try again',
  loading: 'Loading…',
  failed: 'That did not work',
  unexpected: 'Something went wrong on this page. Reload it; what was deployed is safe.',
  reload: 'Reload the page',
} as const
