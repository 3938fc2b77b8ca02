/** English: the settings, their groups and sections. What a section says has a catalogue of its own. */
export const settings = {
  title: 'Settings',
  label: 'Settings',
  back: 'All settings',
  nothing: 'There is nothing here that you may see or change. An administrator can give you the right to.',
  notForYou: 'You may not see this. An administrator can give you the right to.',
  groups: {
    you: 'You',
    people: 'People',
    shop: 'The shop',
    outside: 'To the outside',
    care: 'Care',
    installation: 'This installation',
  },
  sections: {
    environment: 'Test or production',
    api: 'API',
    about: 'About',
  },
  about: {
    version: 'Cellwright',
    running: (since: string) => `running since ${since}`,
    schema: 'Database',
    schemaOf: (at: string) => `brought up to date ${at}`,
    license: 'Licence',
    more: 'What is new in it stands in the changelog that comes with the program.',
    problem: 'How the program is could not be asked.',
    again: 'Ask again',
  },
}
