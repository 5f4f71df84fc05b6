from .run import main

if __name__ == "__main__":  # the workers import this file again
    main()
