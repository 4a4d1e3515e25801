/** The action of a command of the AWS SDK: its schema tells, also after a minifier renamed its class. */
export function actionOf(command: object): string {
  const { schema } = command as { schema?: readonly unknown[] }
  return typeof schema?.[2] === 'string' ? schema[2] : command.constructor.name.replace(/Command$/, '')
}

/** An error as the AWS SDK makes it of a refusal. */
export function sdkError({ name, message = name }: { name: string; message?: string }): Error {
  const ofServer = /^(Internal|Service)/.test(name)
  return Object.assign(new Error(message), {
    name,
    $fault: ofServer ? 'server' : 'client',
    $metadata: { httpStatusCode: ofServer ? 500 : 400, attempts: 1 }
  })
}
