/**
 * State that outlives executions: all nodes and executions of this n8n process share one value for each key. It is made
 * when its key is first asked for and kept until the process ends, so keys must be few: tokens, workflows, databases.
 *
 * @param make the value for a key that was not asked for before
 */
export function perProcess<V extends object>(make: () => V): (key: string) => V {
  const values = new Map<string, V>();
  return (key) => {
    let value = values.get(key);
    if (value === undefined) values.set(key, (value = make()));
    return value;
  };
}
