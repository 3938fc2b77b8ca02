export const stock = {
  loading: 'The node’s own form is being loaded',
  into: 'Go into the form',
  failed: 'The node’s own form could not be loaded. Its stored values are below; the form comes back with the flow runtime.',
  signedOut: 'You are not signed in any more, so the node’s own form cannot be loaded. Reload the page and sign in.',
  again: 'Try again',
  frame: (label: string) => `Form of ${label}`,
  pick: {
    label: 'Choosing nodes for the open form',
    one: 'Choose a node on the canvas',
    some: 'Choose nodes on the canvas, several with Ctrl',
    chosen: (count: number) => (count === 1 ? '1 chosen' : `${count} chosen`),
    cancel: 'Cancel',
    done: 'Done',
  },
}
